import Engine
import Synchronization

/// A blob of pages that a fixed VHD is written to, front to back.
///
/// After a crash the blob lacks its footer, and is no VHD for anybody; another upload of the same disk goes on from the mark
/// in the journal.
final class PageDestination: ImageDestination {
    let name: String
    let isStream = true
    private let lanes: PageLanes
    private let sink: PageSink

    /// - Parameter parallelism: slots on their way at once.
    init(
        _ store: any PageStore, size: UInt64, of disk: any BlockReader, parallelism: Int, line: WaitingLine,
        ledger: UploadLedger, isFresh: Bool
    ) {
        name = "disk.vhd"
        lanes = PageLanes(parallelism)
        sink = PageSink(
            to: store, size: size, of: disk, lanes: lanes, line: line, ledger: ledger, isFresh: isFresh)
    }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        guard file == name else { throw EngineError(.unsupported, "a VHD of several files cannot be uploaded") }
        return sink
    }

    /// Everything is there with the footer.
    func commit() async throws(EngineError) {}

    /// Ends what is on its way. What was written stays: whoever made the blob removes it or goes on.
    func abandon() async { await lanes.stop() }
}
