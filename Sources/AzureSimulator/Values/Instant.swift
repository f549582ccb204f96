import Glibc

/// A moment, in seconds since 1970, and the forms in which Azure writes it.
struct Instant: Sendable, Comparable, Codable, Hashable {
    var seconds: Double

    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(seconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }

    static func < (left: Instant, right: Instant) -> Bool { left.seconds < right.seconds }

    func adding(_ more: Double) -> Instant { Instant(seconds: seconds + more) }

    /// Cut to whole seconds, as dates in header fields are.
    var whole: Instant { Instant(seconds: seconds.rounded(.down)) }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 22 Nov 2026 16:21:10 GMT` (RFC 1123).
    var httpDate: String {
        let parts = fields
        return "\(Self.days[Int(parts.tm_wday)]), \(pad(parts.tm_mday)) \(Self.months[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1900) \(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec)) GMT"
    }

    /// `2026-11-22T16:21:10Z`.
    var isoDate: String {
        let parts = fields
        return "\(parts.tm_year + 1900)-\(pad(parts.tm_mon + 1))-\(pad(parts.tm_mday))T"
            + "\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))Z"
    }

    private var fields: tm {
        var time = time_t(seconds.rounded(.down))
        var parts = tm()
        gmtime_r(&time, &parts)
        return parts
    }

    private func pad(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Reads an RFC 1123 date; nil when it is none.
    init?(httpDate text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" })
        guard words.count == 8, words[7] == "GMT", Self.days.contains(String(words[0])),
            let day = Int(words[1]), let month = Self.months.firstIndex(of: String(words[2])),
            let year = Int(words[3]), let hour = Int(words[4]), let minute = Int(words[5]), let second = Int(words[6])
        else { return nil }
        self.init(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    /// Reads an ISO 8601 date in UTC, with a time or without, with fractions or without; nil when it is none.
    init?(isoDate text: String) {
        var rest = Substring(text)
        if rest.last == "Z" { rest.removeLast() }
        if let dot = rest.firstIndex(of: ".") { rest = rest[..<dot] }
        let numbers = rest.split(whereSeparator: { $0 == "-" || $0 == "T" || $0 == ":" }).map { Int($0) }
        let known = numbers.compactMap(\.self)
        guard known.count == numbers.count, known.count == 3 || known.count == 5 || known.count == 6 else { return nil }
        self.init(
            year: known[0], month: known[1], day: known[2], hour: known.count > 3 ? known[3] : 0,
            minute: known.count > 4 ? known[4] : 0, second: known.count > 5 ? known[5] : 0)
    }

    init(seconds: Double) { self.seconds = seconds }

    private init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1601...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        seconds = Double(timegm(&parts))
    }
}
