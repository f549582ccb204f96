import Engine
import Synchronization
import Wire

/// What time it is at Prism, learned from the `Date` of its replies.
final class PrismClock: Sendable {
    /// Seconds that Prism is ahead of this machine.
    private let lead = Mutex<Int64>(0)

    var now: Timestamp { .now().adding(seconds: lead.withLock { $0 }) }

    func learn(from reply: HTTPReply) {
        guard let text = reply.value(of: "Date"), let theirs = Self.read(text) else { return }
        let difference = (theirs.milliseconds - Timestamp.now().milliseconds) / 1000
        lead.withLock { $0 = abs(difference) < 2 ? 0 : difference }
    }

    /// Reads `Sun, 22 Nov 2026 18:20:01 GMT`.
    static func read(_ text: String) -> Timestamp? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])), parts[1].utf8.count == 2 else {
            return nil
        }
        let number = month + 1
        return Timestamp("\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
