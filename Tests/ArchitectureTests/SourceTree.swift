import Foundation

/// The repository's Swift files, found from the place of this one.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every Swift file below `Sources`.
    static let sources = files(below: "Sources")
    /// Every Swift file below `Tests`.
    static let tests = files(below: "Tests")

    /// The folders of `Sources` that are Swift modules.
    static let modules = Set(sources.map(\.module))

    /// The C modules: the folders below `Sources/CLibs`.
    static let cModules = Set(folders(in: "Sources/CLibs"))

    private static func files(below folder: String) -> [SwiftFile] {
        let start = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            guard let text = try? String(contentsOf: start.appending(path: path), encoding: .utf8) else { return nil }
            return SwiftFile(path: folder + "/" + path, text: text)
        }
    }

    private static func folders(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    }
}
