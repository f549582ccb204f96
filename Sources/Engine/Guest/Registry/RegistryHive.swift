/// A hive of the Windows registry, read as it lies: keys by their paths, and their values. Its logs are not applied.
struct RegistryHive: Sendable {
    private let bytes: ImageFields
    private let root: Int
    /// Whether the newest changes stand in the hive's logs.
    let needsRecovery: Bool

    /// A place in the file.
    struct Key: Sendable, Equatable {
        fileprivate let cell: Int
    }

    static let limit = 256 << 20
    private static let start = 4096
    private static let mostChildren = 20_000
    private static let deepestList = 3

    /// - Throws: `.corrupt` for what is no hive.
    init(_ bytes: [UInt8]) throws(EngineError) {
        self.bytes = ImageFields(bytes)
        root = Int(clamping: self.bytes.little(36, as: UInt32.self))
        needsRecovery = self.bytes.little(4, as: UInt32.self) != self.bytes.little(8, as: UInt32.self)
        guard self.bytes.has("regf", at: 0), bytes.count > Self.start else {
            throw EngineError(.corrupt, "the registry's file is damaged")
        }
    }

    /// Names go by `\`, and upper and lower case are the same. Nil when there is no such key.
    func key(_ path: String) -> Key? {
        var key = Key(cell: root)
        guard has("nk", key.cell) else { return nil }
        for name in path.split(separator: "\\") {
            guard let next = children(of: key).first(where: { $0.name.lowercased() == name.lowercased() }) else {
                return nil
            }
            key = next.key
        }
        return key
    }

    func children(of key: Key) -> [(name: String, key: Key)] {
        guard field(key.cell, 20, as: UInt32.self) > 0 else { return [] }
        return cells(inList: Int(clamping: field(key.cell, 28, as: UInt32.self)), depth: 0).compactMap { cell in
            guard has("nk", cell) else { return nil }
            let isNarrow = field(cell, 2, as: UInt16.self) & 0x20 != 0
            let name = text(cell, 76, Int(field(cell, 72, as: UInt16.self)), isNarrow: isNarrow)
            return (name, Key(cell: cell))
        }
    }

    /// A number of 32 bits.
    func number(_ name: String, of key: Key) -> UInt32? {
        guard let value = value(name, of: key), value.type == 4, value.bytes.count >= 4 else { return nil }
        return ImageFields(value.bytes).little(0)
    }

    private func value(_ name: String, of key: Key) -> (type: UInt32, bytes: [UInt8])? {
        let count = min(Int(clamping: field(key.cell, 36, as: UInt32.self)), Self.mostChildren)
        let list = Int(clamping: field(key.cell, 40, as: UInt32.self))
        for index in 0..<count {
            let cell = Int(clamping: field(list, 4 * index, as: UInt32.self))
            guard has("vk", cell) else { continue }
            let isNarrow = field(cell, 16, as: UInt16.self) & 1 != 0
            guard
                text(cell, 20, Int(field(cell, 2, as: UInt16.self)), isNarrow: isNarrow).lowercased()
                    == name.lowercased()
            else { continue }
            let size = field(cell, 4, as: UInt32.self)
            // Up to four bytes stand in place of their place.
            let place = size & 0x8000_0000 != 0 ? cell + 8 : Int(clamping: field(cell, 8, as: UInt32.self))
            let length = min(Int(size & 0x7FFF_FFFF), 16384)
            return (field(cell, 12, as: UInt32.self), bytes.slice(address(place), length))
        }
        return nil
    }

    /// A list of keys, or of such lists.
    private func cells(inList cell: Int, depth: Int) -> [Int] {
        let count = min(Int(field(cell, 2, as: UInt16.self)), Self.mostChildren)
        if has("lf", cell) || has("lh", cell) {
            return (0..<count).map { Int(clamping: field(cell, 4 + 8 * $0, as: UInt32.self)) }
        }
        if has("li", cell) { return (0..<count).map { Int(clamping: field(cell, 4 + 4 * $0, as: UInt32.self)) } }
        guard has("ri", cell), depth < Self.deepestList else { return [] }
        var found: [Int] = []
        for index in 0..<count where found.count < Self.mostChildren {
            found += cells(inList: Int(clamping: field(cell, 4 + 4 * index, as: UInt32.self)), depth: depth + 1)
        }
        return found
    }

    /// Of what is in a cell, behind its length.
    private func address(_ cell: Int) -> Int { Self.start + cell + 4 }

    private func has(_ magic: String, _ cell: Int) -> Bool { bytes.has(magic, at: address(cell)) }

    private func field<N: FixedWidthInteger & UnsignedInteger>(_ cell: Int, _ offset: Int, as type: N.Type) -> N {
        bytes.little(address(cell) + offset, as: type)
    }

    private func text(_ cell: Int, _ offset: Int, _ count: Int, isNarrow: Bool) -> String {
        let raw = bytes.slice(address(cell) + offset, min(count, 1024))
        guard !isNarrow else { return String(decoding: raw, as: UTF8.self) }
        let units = (0..<(raw.count / 2)).map { UInt16(raw[2 * $0]) | UInt16(raw[2 * $0 + 1]) << 8 }
        return String(decoding: units, as: UTF16.self)
    }
}
