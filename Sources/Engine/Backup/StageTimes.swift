import Glibc
import Synchronization

/// Where the time of a run went, summed over all lanes: the answer to "why is it slow".
package struct StageTimes: Sendable, Codable {
    /// Seconds of waiting for the source, of hashing (with the search for zeros), of compressing, and of storing.
    package var source = 0.0
    package var hash = 0.0
    package var codec = 0.0
    package var target = 0.0
    /// Bytes that went through each.
    package var sourceBytes: UInt64 = 0
    package var hashBytes: UInt64 = 0
    package var codecBytes: UInt64 = 0
    package var targetBytes: UInt64 = 0

    package static func + (a: StageTimes, b: StageTimes) -> StageTimes {
        StageTimes(
            source: a.source + b.source, hash: a.hash + b.hash, codec: a.codec + b.codec, target: a.target + b.target,
            sourceBytes: a.sourceBytes + b.sourceBytes, hashBytes: a.hashBytes + b.hashBytes,
            codecBytes: a.codecBytes + b.codecBytes, targetBytes: a.targetBytes + b.targetBytes)
    }

    package init(
        source: Double = 0, hash: Double = 0, codec: Double = 0, target: Double = 0, sourceBytes: UInt64 = 0,
        hashBytes: UInt64 = 0, codecBytes: UInt64 = 0, targetBytes: UInt64 = 0
    ) {
        self.source = source
        self.hash = hash
        self.codec = codec
        self.target = target
        self.sourceBytes = sourceBytes
        self.hashBytes = hashBytes
        self.codecBytes = codecBytes
        self.targetBytes = targetBytes
    }

    /// The stage that took most.
    package var slowest: String {
        let stages = [("source", source), ("hash", hash), ("codec", codec), ("target", target)]
        return stages.max { $0.1 < $1.1 }?.0 ?? "source"
    }
}

/// Seconds on a clock that never goes back.
package enum Stopwatch {
    package static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
