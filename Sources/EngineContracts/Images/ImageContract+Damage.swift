import Engine

extension ImageContract {
    static let damageCases: [Case] = [
        Case("bytes that are no image are not recognized, not opened, and not sound") { subject in
            guard subject.isMarked else { throw NotOffered() }
            let format = try subject.format()
            let folder = MemoryImages()
            for count in [0, 1, 7, 8, 511, 512, 513, 1536, 4096, 70_000, 1 << 20, (4 << 20) + 512] {
                for bytes in [SampleBytes.random(count, seed: 21), [UInt8](repeating: 0, count: count)] {
                    folder["disk"] = bytes
                    let recognition = try await format.recognition(of: folder.storage("disk"))
                    try require(recognition != .certain, "\(count) bytes of anything are recognized")
                    try await EngineError.expected(.corrupt, .unsupported, from: "opening \(count) bytes of anything") {
                        _ = try await format.open(folder.storage("disk"))
                    }
                    let check = try await format.check(folder.storage("disk"))
                    try require(!check.isSound, "\(count) bytes of anything are sound")
                }
            }
        },
        Case("a file that was cut off is noticed") { subject in
            guard subject.isMarked else { throw NotOffered() }
            let trial = try await ImageTrial.write(.islands(3 << 20), as: subject)
            for name in trial.folder.names {
                let whole = try unwrap(trial.folder[name], "\(name) is gone")
                for rest in Set([0, 1, 511, 512, 4096, whole.count / 4, whole.count / 2, whole.count * 9 / 10])
                    .union([4096, 513, 512, 511, 1].map { max(0, whole.count - $0) }).sorted()
                where rest < whole.count {
                    trial.folder[name] = Array(whole.prefix(rest))
                    let outcome = try await Self.outcome(trial)
                    let isHarmless = outcome.bytes == trial.disk.bytes && whole.count < 4096
                    try require(
                        outcome.bytes == nil || !outcome.check.isSound || isHarmless,
                        "\(rest) of \(whole.count) bytes of \(name) are taken for the whole")
                }
                trial.folder[name] = whole
            }
        },
        Case("changed bytes never trap, and what cannot be opened is not sound") { subject in
            let trial = try await ImageTrial.write(.islands(1 << 20), as: subject)
            for name in trial.folder.names {
                let whole = try unwrap(trial.folder[name], "\(name) is gone")
                let places = stride(from: 0, to: whole.count, by: 512).filter { place in
                    whole[place..<min(place + 512, whole.count)].contains { $0 != 0 }
                }
                for seed in 1...64 as ClosedRange<UInt64> {
                    trial.folder[name] = changed(whole, places, seed)
                    _ = try await Self.outcome(trial)
                }
                trial.folder[name] = whole
            }
        },
    ]

    /// What opening, reading and checking a file make of it.
    private struct Outcome {
        /// What was read; nil when it could not be.
        var bytes: [UInt8]?
        let check: ImageCheck
    }

    /// - Throws: `ContractFailure` when the file cannot be opened, and is yet called sound.
    private static func outcome(_ trial: ImageTrial) async throws -> Outcome {
        var outcome = Outcome(bytes: nil, check: try await trial.check())
        let image: any DiskImage
        do {
            image = try await trial.open()
        } catch let error as EngineError {
            try require(!outcome.check.isSound, "it is sound by its check, but cannot be opened: \(error)")
            return outcome
        }
        do {
            _ = try await image.extents(in: ByteRange(0, min(image.size, 1 << 30)))
            outcome.bytes = try await trial.bytes(image, most: 4 << 20)
        } catch let error as EngineError {
            try require([.corrupt, .unsupported].contains(error.kind), "reading failed as `\(error.kind)`: \(error)")
        }
        return outcome
    }

    /// The same change for the same seed, where the file is not zeros.
    private static func changed(_ whole: [UInt8], _ places: [Int], _ seed: UInt64) -> [UInt8] {
        var bytes = whole
        guard !places.isEmpty else { return bytes }
        let dice = SampleBytes.random(40, seed: seed).map { Int($0) }
        for step in 0..<(1 + dice[0] % 3) {
            let throwing = dice[(10 * step + 1)..<(10 * step + 10)].map { $0 }
            let sector = places[(throwing[0] << 8 | throwing[1]) % places.count]
            let place = sector + (throwing[2] << 8 | throwing[3]) % min(512, whole.count - sector)
            switch throwing[4] % 4 {
            case 0: bytes[place] ^= 1 << UInt8(throwing[5] % 8)
            case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][throwing[5] % 5]
            case 2:
                for index in place..<min(place + 8, bytes.count) { bytes[index] = throwing[5] % 2 == 0 ? 0xFF : 0 }
            default:
                let other = places[(throwing[5] << 8 | throwing[6]) % places.count]
                let count = min(64, whole.count - other, whole.count - place)
                bytes.replaceSubrange(place..<(place + count), with: whole[other..<(other + count)])
            }
        }
        return bytes
    }
}
