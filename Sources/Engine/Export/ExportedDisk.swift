/// What became of a disk that was exported.
package struct ExportedDisk: Sendable {
    /// A file or object of the image.
    package struct File: Sendable, Equatable {
        package let name: String
        /// Bytes.
        package let size: UInt64
        /// Its SHA-256, when it was asked for.
        package let digest: Digest?
    }

    package let address: DiskAddress
    /// Bytes of the disk in the restore point.
    package let size: UInt64
    package let format: String
    package let variant: String
    package let image: WrittenImage
    /// The one that others are found by comes first.
    package let files: [File]
    /// SHA-256 of the disk as the guest sees it, nil when it was not asked for.
    package let content: Digest?
    /// Bytes of the disk that an interrupted export had done.
    package let resumed: UInt64
    /// Wall time.
    package let seconds: Double

    /// The text that is kept beside the image: comments, and lines for `sha256sum --check`.
    package func checksums(of manifest: Manifest) -> String? {
        guard let content, files.allSatisfy({ $0.digest != nil }) else { return nil }
        var lines = [
            "# restore point \(manifest.id) of \(manifest.vm.name), disk \(address), \(format) \(variant)",
            "# content \(content), \(size) bytes",
        ]
        for file in files { if let digest = file.digest { lines.append("\(digest)  \(file.name)") } }
        return lines.joined(separator: "\n") + "\n"
    }
}
