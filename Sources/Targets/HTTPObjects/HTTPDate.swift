package import Engine

/// Times as HTTP headers write them: `Sun, 22 Nov 2026 18:20:01 GMT` (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let day: Int64 = 86_400_000

    package static func text(_ time: Timestamp) -> String {
        // 1970 began on a Thursday.
        let sinceEpoch = (time.milliseconds - (time.milliseconds % day + day) % day) / day
        let name = days[Int((sinceEpoch % 7 + 7) % 7)]
        let digits = Array(time.description.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        let month = months[max(0, min(11, (Int(part(5..<7)) ?? 1) - 1))]
        return "\(name), \(part(8..<10)) \(month) \(part(0..<4)) \(part(11..<19)) GMT"
    }

    package static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])), parts[1].utf8.count == 2 else {
            return nil
        }
        let number = month + 1
        return Timestamp("\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
