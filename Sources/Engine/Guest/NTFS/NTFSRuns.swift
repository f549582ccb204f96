/// Reads lists of runs, in which each begins where the one before did, and a step.
enum NTFSRuns {
    private static let most = 200_000

    static func runs(
        _ fields: ImageFields, from start: Int, what: String
    ) throws(EngineError) -> [(cluster: UInt64?, count: UInt64)] {
        var runs: [(cluster: UInt64?, count: UInt64)] = []
        var place = start
        var cluster: Int64 = 0
        while place < fields.bytes.count, fields.byte(place) != 0 {
            let (counts, steps) = (Int(fields.byte(place) & 15), Int(fields.byte(place) >> 4))
            guard (1...8).contains(counts), steps <= 8, place + 1 + counts + steps <= fields.bytes.count,
                runs.count < most
            else { throw damaged(what) }
            let count = number(fields, place + 1, counts)
            guard count > 0, count < 1 << 48 else { throw damaged(what) }
            if steps == 0 {
                runs.append((nil, UInt64(count)))
            } else {
                let (next, overflow) = cluster.addingReportingOverflow(number(fields, place + 1 + counts, steps))
                guard !overflow, next >= 0, next < 1 << 48 else { throw damaged(what) }
                cluster = next
                runs.append((UInt64(next), UInt64(count)))
            }
            place += 1 + counts + steps
        }
        return runs
    }

    /// Little-endian, with a sign.
    private static func number(_ fields: ImageFields, _ offset: Int, _ count: Int) -> Int64 {
        var value: UInt64 = fields.byte(offset + count - 1) & 0x80 != 0 ? .max : 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(fields.byte(offset + index)) }
        return Int64(bitPattern: value)
    }

    private static func damaged(_ what: String) -> EngineError {
        EngineError(.corrupt, "\(what): the runs of a file are damaged")
    }
}
