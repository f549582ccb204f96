import Engine

/// The text that says what a disk consists of.
struct VMDKDescriptor: Sendable, Equatable {
    /// Names in lower case, with what is assigned to them, without quotes; the first of a name counts.
    private(set) var values: [String: String] = [:]
    private(set) var extents: [VMDKExtentLine] = []
    /// Whether the first line is the one that all readers know.
    let hasUsualStart: Bool
    private var sectors: UInt64 = 0
    /// Names that are assigned more than once.
    private(set) var repeated: [String] = []

    static let firstLine = "# Disk DescriptorFile"
    /// Stands for "no parent".
    static let noParent: UInt32 = 0xFFFF_FFFF

    /// - Parameter bytes: up to the first zero, or all.
    /// - Throws: `.corrupt`, `.unsupported`.
    init(_ bytes: [UInt8]) throws(EngineError) {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        hasUsualStart = lines.first.map { $0 == Self.firstLine } ?? false
        for line in lines {
            let line = line.trimmed
            guard let first = line.first, first != "#" else { continue }
            if VMDKExtentLine.isOne(line) {
                guard extents.count < VMDKLayout.mostExtents else {
                    throw EngineError(.corrupt, "the descriptor names more than \(VMDKLayout.mostExtents) extents")
                }
                let extent = try VMDKExtentLine(line)
                extents.append(extent)
                sectors += extent.sectors
                guard size <= VMDKLayout.mostBytes else {
                    throw EngineError(.corrupt, "the descriptor claims a disk of more than 1 PiB")
                }
            } else if let equals = line.firstIndex(of: "=") {
                let name = line[..<equals].trimmed.lowercased()
                let value = line[line.index(after: equals)...].trimmed
                if values.updateValue(values[name] ?? value.unquoted, forKey: name) != nil { repeated.append(name) }
            }
        }
    }

    /// Whether bytes are the beginning of a descriptor in a file of its own.
    static func recognizes(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).lowercased()
        if text.drop(while: \.isWhitespace).hasPrefix("# disk descriptor") { return true }
        let names = text.split(whereSeparator: \.isNewline).compactMap { $0.split(separator: "=").first?.trimmed }
        return ["version", "cid", "createtype"].allSatisfy { name in names.contains { $0 == name } }
    }

    func value(_ name: String) -> String? { values[name.lowercased()] }

    /// Bytes of all extents.
    var size: UInt64 { sectors * VMDKLayout.sector }

    var createType: String { value("createType") ?? "" }
    var contentID: UInt32? { value("CID").flatMap { UInt32($0, radix: 16) } }
    /// nil for a disk of its own.
    var parentID: UInt32? {
        value("parentCID").flatMap { UInt32($0, radix: 16) }.flatMap { $0 == Self.noParent ? nil : $0 }
    }

    /// Refuses what is kept from everybody without a key, and what is no file.
    /// - Throws: `.unsupported`.
    func checkSupported() throws(EngineError) {
        let isEncrypted = values.keys.contains {
            $0.hasPrefix("encryption.") || $0.hasPrefix("ddb.encrypt") || $0 == "ddb.keyid"
        }
        if isEncrypted {
            throw EngineError(.unsupported, "the disk is encrypted: decrypt it with VMware's own tools first")
        }
        let filters = value("ddb.iofilters") ?? ""
        if filters.split(separator: ",").contains(where: { $0.trimmed.lowercased() == "vmwarevmcrypt" }) {
            throw EngineError(.unsupported, "the disk is encrypted by vSphere: decrypt it there first")
        }
        let devices = [
            "fulldevice", "partitioneddevice", "vmfsraw", "vmfsrdm", "vmfsrdmp", "vmfsrawdevicemap",
            "vmfspassthroughrawdevicemap",
        ]
        if devices.contains(createType.lowercased()) {
            throw EngineError(.unsupported, "a disk of the kind \(createType) is a device, not an image")
        }
    }
}

extension Substring {
    var trimmed: Substring {
        var rest = self.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    fileprivate var unquoted: String {
        count >= 2 && first == "\"" && last == "\"" ? String(dropFirst().dropLast()) : String(self)
    }
}
