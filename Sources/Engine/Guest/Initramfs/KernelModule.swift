/// Names of kernel modules, which are written with `-` or `_` alike.
enum KernelModule {
    /// Nil for a file that is none.
    static func name(ofFile file: String) -> String? {
        for suffix in [".ko", ".ko.xz", ".ko.zst", ".ko.gz"] where file.hasSuffix(suffix) {
            return String(file.dropLast(suffix.utf8.count).map { $0 == "-" ? "_" : $0 })
        }
        return nil
    }

    /// Of lists such as `modules.builtin` and `modules.dep`, which name a file first in every line.
    static func names(inList text: String) -> Set<String> {
        var names: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) {
            let path = line.prefix { $0 != ":" && $0 != " " }
            guard let file = path.split(separator: "/").last, let name = name(ofFile: String(file)) else { continue }
            names.insert(name)
        }
        return names
    }
}
