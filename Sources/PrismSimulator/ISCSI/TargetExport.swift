/// How a volume group is to be reached by iSCSI: its disks, who may log in, and with which secrets.
struct TargetExport: Sendable {
    struct Disk: Sendable, Hashable {
        var id: String
        var index: Int
        var size: Int
        var path: String
        /// Writes are refused with DATA PROTECT.
        var isReadOnly: Bool
    }

    struct Client: Sendable, Hashable {
        /// The initiator's qualified name, or
        var name: String?
        /// its address.
        var address: String?
        /// The secret by which the target proves itself to the initiator (mutual CHAP).
        var secret: String?
    }

    var group: String
    /// The qualified name without the number of the virtual target.
    var name: String
    /// Put between the name and that number; empty for one target with the bare name.
    var suffix: String
    var virtualTargets: Int
    var disks: [Disk]
    var clients: [Client]
    /// The secret by which the initiator proves itself.
    var secret: String?

    /// The target names, in order.
    var targetNames: [String] {
        suffix.isEmpty ? [name] : (0..<max(1, virtualTargets)).map { "\(name)\(suffix)\($0)" }
    }

    /// The disks that one virtual target shows: they are spread over all of them.
    func disks(ofTarget number: Int) -> [Disk] {
        let count = targetNames.count
        return disks.sorted { $0.index < $1.index }.enumerated().filter { $0.offset % count == number }.map(\.element)
    }
}
