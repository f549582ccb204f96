package import Engine
import Synchronization
package import Wire

/// How far a store's clock is from ours, learned from the `Date` of its replies.
package final class ServerClock: Sendable {
    /// In milliseconds; a minute beyond it, stores refuse what we sign.
    package static let mostSkew: Int64 = 14 * 60_000

    private let lead = Mutex<Int64>(0)

    func learn(from reply: HTTPReply, at now: Timestamp) {
        guard let theirs = reply.value(of: "Date").flatMap(HTTPDate.read) else { return }
        let difference = theirs.milliseconds - now.milliseconds
        lead.withLock { $0 = abs(difference) < 2000 ? 0 : difference }
    }

    func now(_ ours: Timestamp) -> Timestamp {
        Timestamp(milliseconds: ours.milliseconds + lead.withLock { $0 })
    }

    /// A sentence when the reply's time is far from ours; nil when it is not, or not told.
    package static func complaint(_ reply: HTTPReply, at now: Timestamp, most: Int64 = mostSkew) -> String? {
        guard let text = reply.value(of: "Date"), let theirs = HTTPDate.read(text),
            abs(theirs.milliseconds - now.milliseconds) > most
        else { return nil }
        return "the clocks differ: the server's says \(text), this machine's \(HTTPDate.text(now)); set the wrong one, "
            + "by NTP for instance"
    }
}
