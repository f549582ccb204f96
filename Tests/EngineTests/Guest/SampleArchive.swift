/// Archives as the kernel unpacks them at boot, put together by hand.
enum SampleArchive {
    /// Archive of empty files, or of files with the bytes given.
    static func newc(_ names: [String], contents: [UInt8] = []) -> [UInt8] {
        names.flatMap { entry($0, contents) } + entry("TRAILER!!!", [])
    }

    /// The files of an initramfs with these modules.
    static func modules(_ names: [String], version: String = "6.1.0-1-amd64") -> [String] {
        ["init", "usr", "usr/lib/modules/\(version)/modules.dep"]
            + names.map { "usr/lib/modules/\(version)/kernel/drivers/\($0).ko" }
    }

    /// As processors' microcode comes before everything else, padded as image builders do.
    static var early: [UInt8] {
        let archive = newc(["kernel/x86/microcode/GenuineIntel.bin"], contents: Array(repeating: 7, count: 5001))
        return archive + [UInt8](repeating: 0, count: (512 - archive.count % 512) % 512)
    }

    private static func entry(_ name: String, _ contents: [UInt8]) -> [UInt8] {
        let fields = [1, 0o100644, 0, 0, 1, 0, contents.count, 0, 0, 0, 0, name.utf8.count + 1, 0]
        let head = "070701" + fields.map { digits($0) }.joined()
        return padded(Array(head.utf8) + Array(name.utf8) + [0]) + padded(contents)
    }

    private static func digits(_ value: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }
}
