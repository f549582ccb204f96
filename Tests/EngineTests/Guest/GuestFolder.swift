import Glibc

@testable import Engine

/// What a guest's file system holds, written by the tools that guests use.
final class GuestFolder {
    private let folder = ScratchFolder()
    /// The tree that becomes a file system.
    let tree: String

    init() {
        mkdir(folder.path, 0o700)
        tree = folder.path + "/tree"
        mkdir(tree, 0o755)
    }

    @discardableResult
    func file(_ path: String, _ bytes: [UInt8]) throws -> GuestFolder {
        try makeFolders(above: path)
        try Tool.write(bytes, to: tree + path)
        return self
    }

    @discardableResult
    func file(_ path: String, _ text: String = "") throws -> GuestFolder { try file(path, Array(text.utf8)) }

    @discardableResult
    func link(_ path: String, to target: String) throws -> GuestFolder {
        try makeFolders(above: path)
        guard symlink(target, tree + path) == 0 else { throw EngineError.system("link", path) }
        return self
    }

    private func makeFolders(above path: String) throws {
        var place = tree
        for part in path.split(separator: "/").dropLast() {
            place += "/" + part
            guard mkdir(place, 0o755) == 0 || errno == EEXIST else { throw EngineError.system("make", place) }
        }
    }

    /// - Parameter features: of `mke2fs -O`, beside those of the type.
    func ext(_ type: String = "ext4", mebibytes: Int = 16, features: String = "", words: [String] = []) throws
        -> [UInt8]
    {
        let image = folder.path + "/ext"
        unlink(image)
        let options = features.isEmpty ? [] : ["-O", features]
        try Tool.run("mke2fs", ["-q", "-F", "-t", type, "-d", tree] + options + words + [image, "\(mebibytes)M"])
        return try Tool.read(image)
    }

    /// - Parameter bits: 12, 16 or 32.
    func fat(bits: Int, kibibytes: Int) throws -> [UInt8] {
        let image = folder.path + "/fat"
        unlink(image)
        try Tool.run("mkfs.vfat", ["-C", "-F", "\(bits)", "-i", "1234ABCD", "-n", "EFI", image, "\(kibibytes)"])
        let entries = try Tool.run("ls", ["-A", tree])
        let names = String(decoding: entries, as: UTF8.self).split(separator: "\n").map { "\(tree)/\($0)" }
        if !names.isEmpty {
            try Tool.run("mcopy", ["-s", "-i", image] + names + ["::/"], environment: ["MTOOLS_SKIP_CHECK=1"])
        }
        return try Tool.read(image)
    }

    /// A new file of this size, made into a file system by `name`.
    func made(by name: String, _ words: [String], mebibytes: Int) throws -> [UInt8] {
        let image = folder.path + "/" + name
        let file = try OpenFile(image, O_RDWR | O_CREAT | O_TRUNC)
        ftruncate(file.descriptor, off_t(mebibytes) << 20)
        try Tool.run(name, words + [image])
        return try Tool.read(image)
    }

    /// `bytes` compressed by a program that writes to its output.
    func packed(_ bytes: [UInt8], by name: String, _ words: [String]) throws -> [UInt8] {
        let path = folder.path + "/plain"
        try Tool.write(bytes, to: path)
        return try Tool.run(name, words + [path])
    }
}
