/// What an OVF that others wrote says: the machine, and the files of its disks.
public struct OVFDescription: Sendable, Equatable {
    public struct File: Sendable, Equatable {
        public let id: String
        public let name: String
        /// Bytes; nil when it is not told.
        public let size: UInt64?
    }

    public var machine: OVFMachine
    public var files: [File]
    /// What was not understood and could be left out, one sentence each.
    public var remarks: [String]

    /// - Throws: `.corrupt` for what contradicts itself; `.unsupported`, naming what is not supported.
    package init(_ bytes: [UInt8], what: String) throws(EngineError) {
        let envelope = try XMLParser.parse(bytes, what: what)
        guard envelope.name == "Envelope", Self.namespaces.contains(envelope.namespace) else {
            throw EngineError(.corrupt, "\(what) is no OVF: its outermost element is `\(envelope.name)`")
        }
        guard envelope.child("VirtualSystemCollection") == nil else {
            throw EngineError(.unsupported, "\(what) describes several VMs: only one can be read")
        }
        guard let system = envelope.child("VirtualSystem") else {
            throw EngineError(.corrupt, "\(what) describes no VM")
        }
        do throws(EngineError) {
            let reading = try OVFReading(envelope, system)
            machine = reading.machine
            files = reading.files
            remarks = reading.remarks
        } catch {
            throw error.at(what)
        }
    }

    private static let namespaces = [
        "http://schemas.dmtf.org/ovf/envelope/1", "http://schemas.dmtf.org/ovf/envelope/2",
        "http://www.vmware.com/schema/ovf/1/envelope",
    ]
}
