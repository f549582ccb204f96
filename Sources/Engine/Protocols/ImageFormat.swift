/// A format of disk images. Every sentence here has a case in `ImageContract`.
///
/// What it writes depends on nothing but the disk, the settings and whether the destination is a stream: ids and times
/// that the settings do not give are the only exception.
public protocol ImageFormat: Plugin {
    /// The forms it can write, the usual one first. The settings' key `variant` chooses one of them.
    static var variants: [ImageVariant] { get }

    /// How names of its files end, without the dot; the usual one first.
    static var fileExtensions: [String] { get }

    /// The form that this one writes.
    var variant: ImageVariant { get }

    /// Whether a file looks like this format. Damaged files may still be recognized.
    func recognition(of storage: any ImageStorage) async throws(EngineError) -> ImageRecognition

    /// Opens an image, and the parents that it differs from.
    /// - Throws: `.corrupt` with the place; `.unsupported`, naming what is not supported; what `related` throws.
    func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage

    /// Looks at every structure of an image and names each violation of its format. Contents of the disk are not read.
    ///
    /// Every damage that makes `open` fail is named too.
    func check(_ storage: any ImageStorage) async throws(EngineError) -> ImageCheck

    /// Writes a disk; where its extents are zero nothing is read, and nothing is written unless the format demands it.
    /// The caller commits or abandons the destination.
    /// - Throws: `.unsupported` when the format cannot hold the disk, or not as a stream; before anything is written.
    func write(
        _ disk: any BlockReader, to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage
}

/// An open image: the disk that it holds.
public protocol DiskImage: BlockReader {
    /// What its headers say.
    var facts: ImageFacts { get }
}

/// Receives how many bytes of the disk are done, from one task. Must return quickly.
public typealias ImageProgress = @Sendable (UInt64) -> Void

/// How sure a format is that a file is of its kind.
public enum ImageRecognition: Int, Sendable, Comparable {
    case no
    /// Nothing speaks against it.
    case possible
    case certain

    public static func < (a: ImageRecognition, b: ImageRecognition) -> Bool { a.rawValue < b.rawValue }
}
