/// The names in archives of the kind that the kernel unpacks at boot (cpio, `newc`), one after the other.
///
/// Fed piece by piece; it keeps the names of kernel modules and nothing else.
final class CPIOListing {
    /// Base names with `_` for `-`, without suffixes.
    private(set) var modules: Set<String> = []
    /// Whether there are files in it that this cannot look into, such as a SquashFS with everything else.
    private(set) var hidesFiles = false
    /// Archives that came to their end.
    private(set) var archives = 0

    /// A header, and a name behind it, while they are not whole.
    private var head: [UInt8] = []
    /// Bytes of contents and padding to pass over.
    private var skipped: UInt64 = 0

    private static let headerCount = 110
    private static let mostName = 4096
    private static let mostModules = 50_000

    /// Takes bytes up to one that is neither an archive's nor zeros between archives.
    /// - Returns: how many were taken.
    /// - Throws: `.corrupt` for what cannot be an archive.
    func take(_ bytes: RawSpan) throws(EngineError) -> Int {
        var position = 0
        while position < bytes.byteCount {
            if skipped > 0 {
                let part = Int(min(skipped, UInt64(bytes.byteCount - position)))
                skipped -= UInt64(part)
                position += part
                continue
            }
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            if head.isEmpty {
                guard byte == 0 || byte == UInt8(ascii: "0") else { return position }
                guard byte != 0 else {
                    position += 1
                    continue
                }
            }
            head.append(byte)
            position += 1
            try advance()
        }
        return position
    }

    /// Ends the entry when it is whole.
    private func advance() throws(EngineError) {
        guard head.count >= Self.headerCount else { return }
        if head.count == Self.headerCount {
            let magic = Array(head[..<6])
            guard magic == Array("070701".utf8) || magic == Array("070702".utf8),
                let count = number(94), count > 0, count <= Self.mostName, number(54) != nil
            else { throw EngineError(.corrupt, "the archive is damaged") }
            return
        }
        guard let nameCount = number(94), let size = number(54), head.count == Self.headerCount + Int(nameCount)
        else { return }
        let end = UInt64(head.count)
        let name = String(decoding: head[Self.headerCount..<(head.count - 1)], as: UTF8.self)
        skipped = Self.padding(end) + size + Self.padding(size)
        head.removeAll(keepingCapacity: true)
        note(name)
    }

    private func note(_ name: String) {
        if name == "TRAILER!!!" {
            archives += 1
            return
        }
        let base = name.split(separator: "/").last.map(String.init) ?? name
        if base.hasSuffix(".img") || base.hasSuffix(".squashfs") { hidesFiles = true }
        if let module = KernelModule.name(ofFile: base), modules.count < Self.mostModules { modules.insert(module) }
    }

    private static func padding(_ count: UInt64) -> UInt64 { (4 - count % 4) % 4 }

    /// Eight hexadecimal digits.
    private func number(_ offset: Int) -> UInt64? {
        UInt64(String(decoding: head[offset..<(offset + 8)], as: UTF8.self), radix: 16)
    }
}
