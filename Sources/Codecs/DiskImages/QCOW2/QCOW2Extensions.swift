import Engine

/// What stands between the header and the end of the first cluster: parts that say what they are.
struct QCOW2Extensions: Sendable {
    /// What an extension is.
    enum Kind: UInt32 {
        case end = 0
        case backingFormat = 0xE279_2ACA
        case featureNames = 0x6803_F857
        case bitmaps = 0x2385_2875
        case encryptionHeader = 0x0537_BE77
        case externalData = 0x4441_5441
    }

    /// One of them.
    struct Part: Sendable {
        let type: UInt32
        /// Of its first byte in the file.
        let offset: UInt64
        let bytes: [UInt8]

        var kind: Kind? { Kind(rawValue: type) }
        var fields: ImageFields { ImageFields(bytes) }
        /// As text; what is no UTF-8 shows.
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private(set) var parts: [Part] = []

    /// - Parameters:
    ///   - cluster: the first cluster, as far as the file has it.
    ///   - end: where the extensions must end at the latest.
    /// - Throws: `.corrupt` when one reaches farther.
    init(in cluster: ImageFields, from start: Int, to end: Int) throws(EngineError) {
        var position = start
        while position + 8 <= end {
            let type: UInt32 = cluster.big(position)
            guard type != Kind.end.rawValue else { return }
            let count = Int(cluster.big(position + 4, as: UInt32.self))
            guard count <= end - position - 8 else {
                throw EngineError(.corrupt, "the header extension at \(position) is longer than its room")
            }
            parts.append(Part(type: type, offset: UInt64(position), bytes: cluster.slice(position + 8, count)))
            position += 8 + (count + 7) / 8 * 8
        }
    }

    subscript(kind: Kind) -> Part? { parts.first { $0.kind == kind } }

    // MARK: Names of features

    /// In which of the header's three masks a feature is.
    enum FeatureMask: UInt8 {
        case incompatible, compatible, autoclear
    }

    private static let nameSize = 48

    /// What the file itself calls a feature.
    func name(of bit: Int, in mask: FeatureMask) -> String? {
        guard let part = self[.featureNames] else { return nil }
        for start in stride(from: 0, to: part.bytes.count - Self.nameSize + 1, by: Self.nameSize)
        where part.bytes[start] == mask.rawValue && Int(part.bytes[start + 1]) == bit {
            let name = part.bytes[(start + 2)..<(start + Self.nameSize)].prefix { $0 != 0 }
            return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        }
        return nil
    }

    private static let names: [(FeatureMask, UInt8, String)] = [
        (.incompatible, 0, "dirty bit"), (.incompatible, 1, "corrupt bit"),
        (.incompatible, 2, "external data file"), (.incompatible, 3, "compression type"),
        (.incompatible, 4, "extended L2 entries"), (.compatible, 0, "lazy refcounts"),
        (.autoclear, 0, "bitmaps"), (.autoclear, 1, "raw external data"),
    ]

    /// What a new file has behind its header: the names of the features that there are.
    static let new: [UInt8] = {
        var table: [UInt8] = []
        for (mask, bit, name) in names {
            table += [mask.rawValue, bit] + Array(name.utf8)
            table += [UInt8](repeating: 0, count: nameSize - 2 - name.utf8.count)
        }
        var fields = ImageFields(count: 8 + table.count + 8)
        fields.setBig(Kind.featureNames.rawValue, at: 0)
        fields.setBig(UInt32(table.count), at: 4)
        fields.set(table, at: 8)
        return fields.bytes
    }()
}
