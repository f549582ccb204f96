/// One operation of the API: where it is, since when, what it takes and who answers.
struct Route: Sendable {
    typealias Handler = @Sendable (isolated World, APICall) async throws -> Answer

    /// A piece of the path after the version: a fixed word, or a named parameter.
    enum Segment: Sendable, Hashable {
        case word(String)
        case parameter(String)
    }

    /// Whether `If-Match` is wanted, and of which entity.
    enum Precondition: Sendable {
        case none
        /// The entity of that kind whose id is in that path parameter.
        case matches(EntityKind, parameter: String)
    }

    /// The stable name by which faults, limits and counters know the operation.
    var operation: String
    var method: String
    var namespace: String
    var segments: [Segment]
    /// The first minor version that serves it.
    var since: Int
    /// The `$objectType` of the envelope.
    var envelope: String
    /// The `$objectType` of `data`, or of its elements.
    var data: String
    /// The type of the request body; nil when none is taken.
    var body: String?
    var precondition: Precondition
    var handler: Handler

    /// - Parameters:
    ///   - pattern: such as `GET /vmm/ahv/config/vms/{vm}`: the version is left out.
    ///   - answers: envelope and data type, such as `vmm.v4.ahv.config.GetVmApiResponse vmm.v4.ahv.config.Vm`; a data
    ///     type without a dot stands in the namespace of the envelope.
    init(
        _ operation: String, _ pattern: String, _ answers: String, since: Int = 0, body: String? = nil,
        ifMatch: Precondition = .none, _ handler: @escaping Handler
    ) {
        let halves = pattern.split(separator: " ")
        let path = halves[1].split(separator: "/").map(String.init)
        let types = answers.split(separator: " ").map(String.init)
        self.operation = operation
        method = String(halves[0])
        namespace = path[0]
        segments = path.dropFirst().map { piece in
            piece.hasPrefix("{") ? .parameter(String(piece.dropFirst().dropLast())) : .word(piece)
        }
        self.since = since
        envelope = types[0]
        data = types.count > 1 ? types[1] : "prism.v4.config.TaskReference"
        if !data.contains(".") {
            data = types[0].split(separator: ".").dropLast().joined(separator: ".") + "." + data
        }
        self.body = body
        precondition = ifMatch
        self.handler = handler
    }

    /// The parameters of a path that fits; nil when it does not.
    func parameters(in path: some Collection<String>) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var found: [String: String] = [:]
        for (segment, piece) in zip(segments, path) {
            switch segment {
            case .word(let word): if word != piece { return nil }
            case .parameter(let name): found[name] = piece
            }
        }
        return found
    }
}
