import Engine

/// What an inspection found so far. One task uses it.
final class VMDKFindings {
    private(set) var check = ImageCheck(format: VMDKImage.name)
    /// The extent that is looked at, where it is a file of its own.
    var file: String?

    private var prefix: String { file.map { "\($0): " } ?? "" }

    func error(at offset: UInt64, _ message: String) { check.error(at: offset, prefix + message) }

    func warning(at offset: UInt64, _ message: String) { check.warning(at: offset, prefix + message) }

    func failure(_ failure: EngineError, at offset: UInt64) { check.failure(failure, at: offset) }
}
