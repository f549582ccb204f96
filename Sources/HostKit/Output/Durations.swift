import Engine

extension Duration {
    /// As people read them: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
    var words: String {
        let seconds = seconds
        if seconds < 10 {
            let tenths = Int((max(0, seconds) * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) s"
        }
        let whole = seconds < 1e9 ? Int(seconds.rounded()) : 1_000_000_000
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(padded(whole % 60)) s"
        default: return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
        }
    }

    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension ByteCount {
    /// So many bytes in so much time: `231 MiB/s`.
    static func rate(_ bytes: UInt64, in seconds: Double) -> String {
        guard bytes > 0, seconds > 0.001 else { return "–" }
        let rate = Double(bytes) / seconds
        return "\(ByteCount(rate < 9e18 ? UInt64(rate) : UInt64.max >> 1))/s"
    }
}
