import Engine

/// Looks at every structure of an image, and names what is not as the specification or known readers demand.
final class QCOW2Inspection {
    private let file: any ImageStorage
    private let context: PluginContext
    private var check = ImageCheck(format: QCOW2Image.name)

    init(_ file: any ImageStorage, _ context: PluginContext) {
        self.file = file
        self.context = context
    }

    func run() async throws(EngineError) -> ImageCheck {
        do throws(EngineError) {
            let head = try await QCOW2Head.parsed(file)
            QCOW2HeaderInspection(head).run(&check)
            if head.header.features.unknownBits.isEmpty { try await lookAtTables(head) }
        } catch {
            if error.kind == .cancelled || error.isRetryable { throw error }
            // What cannot be read at all is named here, unless it was named with its place already.
            if check.errorCount == 0 { check.failure(error, at: 0) }
        }
        await lookAtOpening()
        return check
    }

    private func lookAtTables(_ head: QCOW2Head) async throws(EngineError) {
        var areas = QCOW2Areas(head)
        try await areas.load(&check)
        let refcounts = QCOW2Refcounts(head)
        let tables = try await QCOW2TableInspection(head, areas, refcounts).run(&check)
        try await QCOW2RefcountInspection(head, areas, tables, refcounts).run(&check)
    }

    /// What keeps a reader from opening it that was not named yet: encryption, a backing file that is not there.
    private func lookAtOpening() async {
        guard check.errorCount == 0 else { return }
        do throws(EngineError) {
            _ = try await QCOW2Reader(context: context).open(file)
        } catch {
            check.failure(error, at: 0)
        }
    }
}
