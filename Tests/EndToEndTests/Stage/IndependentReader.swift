import Foundation

/// `examples/read-repository.py`: reads repositories by the documentation of their format, and shares no code with us.
struct IndependentReader: Sendable {
    private let place: Workplace
    private let environment: [String: String]

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Python that has the packages of `examples/requirements.txt`; `AHVAULT_READER_PYTHON` names another.
    private static let interpreter: String? = {
        let chosen = ProcessInfo.processInfo.environment["AHVAULT_READER_PYTHON"]
        let path = chosen ?? root.appending(path: ".venv-reader/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// Where it has to run, a missing interpreter is a failure.
    static let isWanted = interpreter != nil || ProcessInfo.processInfo.environment["CI_REQUIRED_READER"] == "1"
    static let absence: String = "no Python with the packages of examples/requirements.txt: make .venv-reader"

    /// - Parameter passphrase: of an encrypted repository.
    init(_ place: Workplace, passphrase: String? = nil) {
        self.place = place
        environment = passphrase.map { ["AHVAULT_PASSPHRASE": $0] } ?? [:]
    }

    /// A line of its list.
    struct Point: Sendable {
        let id: String
        let vm: String
    }

    /// The restore points of the workplace's repository, or of another folder in it.
    func points(of repository: String = "repository") async throws -> [Point] {
        let listed = try await run([repository, "list"])
        guard listed.status == 0 else { throw StageError("\(listed)") }
        return listed.output.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t").map(String.init) + ["", ""]
            return Point(id: fields[0], vm: fields[1])
        }
    }

    /// Writes a disk of a restore point to a new file.
    func disk(_ point: String, _ address: String, to file: String) async throws -> ImageDisk {
        let finished = try await run(["repository", "disk", point, address, file])
        guard finished.status == 0 else { throw StageError("\(finished)") }
        return ImageDisk(existing: place.file(file))
    }

    func run(_ arguments: [String]) async throws -> Finished {
        guard let interpreter = Self.interpreter else { throw StageError(Self.absence) }
        let script = Self.root.appending(path: "examples/read-repository.py").path
        return try await Program(path: interpreter)
            .run(["-B", script] + arguments, in: place.path, environment: environment)
    }
}
