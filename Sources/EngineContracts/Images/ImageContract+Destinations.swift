import Engine

extension ImageContract {
    static let destinationCases: [Case] = [
        Case("a stream gets the same disk front to back, or is refused before anything is written") { subject in
            let format = try subject.format()
            guard format.variant.canStream else {
                let destination = WatchedDestination(
                    MemoryImages().destination(try ImageTrial.fileName(format), isStream: true))
                try await EngineError.expected(.unsupported, from: "writing to a stream") {
                    _ = try await format.write(ContractDisk.islands(1 << 20), to: destination) { _ in }
                }
                return try require(destination.begun == 0, "a file was begun before the refusal")
            }
            for size in [512, (3 << 20) + 512] {
                for (kind, disk) in samples(size) {
                    let trial = try await ImageTrial.write(disk, as: subject, isStream: true)
                    try await trial.requireEqual("a stream of \(size) bytes of \(kind)")
                    try await requireSound(trial, "a stream of \(size) bytes of \(kind)")
                }
            }
        },
        Case("an image that can go on after an interruption has but one file") { subject in
            let trial = try await ImageTrial.write(.islands(3 << 20), as: subject)
            guard trial.format.variant.canResume else { throw NotOffered() }
            try require(trial.format.variant.canStream, "what can go on must be a stream")
            try require(trial.folder.names == [trial.name], "there are the files \(trial.folder.names)")
        },
        Case("the first file has the destination's name, and the others lie beside it") { subject in
            let trial = try await ImageTrial.write(.islands(3 << 20), as: subject)
            try require(trial.folder.names.contains(trial.name), "there are only \(trial.folder.names)")
            try require(!trial.folder.names.contains { $0.contains("/") }, "a file is in another folder")
        },
        Case("a disk that is too large is `unsupported` before anything is written") { subject in
            guard subject.isMarked else { throw NotOffered() }
            let format = try subject.format()
            let destination = WatchedDestination(
                MemoryImages().destination(try ImageTrial.fileName(format), room: 1 << 20))
            try await EngineError.expected(.unsupported, from: "writing 4 EiB") {
                _ = try await format.write(VastDisk(size: 1 << 62), to: destination) { _ in }
            }
            try require(destination.begun == 0, "a file was begun before the refusal")
        },
        Case("a destination without room is `noSpace`, whenever it fills up") { subject in
            let trial = try await ImageTrial.write(.islands(3 << 20), as: subject)
            let largest = trial.folder.names.compactMap { trial.folder[$0]?.count }.max() ?? 0
            for isStream in [false] + (trial.format.variant.canStream ? [true] : []) {
                for room in [0, 600, largest / 2, largest - 1] {
                    let destination = MemoryImages().destination(trial.name, isStream: isStream, room: UInt64(room))
                    try await EngineError.expected(.noSpace, from: "writing \(largest) bytes where \(room) fit") {
                        _ = try await trial.format.write(trial.disk, to: destination) { _ in }
                    }
                    await destination.abandon()
                }
            }
        },
    ]
}
