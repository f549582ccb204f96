import Engine
import Synchronization

extension ImageContract {
    /// Odd counts of sectors around the sizes of blocks, and one that is no whole number of sectors.
    private static let sizes = [512, 100_001, (3 << 20) + 512, (5 << 20) - 512]

    static func samples(_ size: Int) -> [(String, ContractDisk)] {
        [("islands", .islands(size)), ("all data", .full(size)), ("zeros", .empty(size))]
    }

    static let writingCases: [Case] = [
        Case("what was written reads back equal, size included, and nothing is wrong with it") { subject in
            for size in sizes {
                for (kind, disk) in samples(size) {
                    let trial = try await ImageTrial.write(disk, as: subject)
                    try await trial.requireEqual("\(size) bytes of \(kind)")
                    try await requireSound(trial, "\(size) bytes of \(kind)")
                }
            }
        },
        Case("it says how large the disk and the files are, and when a disk was extended") { subject in
            for size in sizes {
                let trial = try await ImageTrial.write(.islands(size), as: subject)
                let files = trial.folder.names.compactMap { trial.folder[$0]?.count }.reduce(0, +)
                try require(
                    trial.written.fileSize == UInt64(files),
                    "the files have \(files) bytes, not \(trial.written.fileSize)")
                let rounded = UInt64(subject.rounded(size))
                try require(
                    trial.written.diskSize == rounded, "\(size) bytes are \(trial.written.diskSize), not \(rounded)")
                try require(
                    trial.written.remarks.isEmpty == (rounded == UInt64(size)),
                    "\(size) bytes became \(rounded), and the remarks are \(trial.written.remarks)")
            }
        },
        Case("a disk of no bytes is `unsupported`, or reads as one") { subject in
            do {
                try await ImageTrial.write(.empty(0), as: subject).requireEqual("no bytes")
            } catch let error as EngineError {
                try require(error.kind == .unsupported, "no bytes are `\(error.kind.rawValue)`: \(error)")
            }
        },
        Case("where the extents of a disk are zero nothing is read") { subject in
            let zeros = try await ImageTrial.write(.empty(4 << 20), as: subject)
            try require(zeros.disk.bytesRead == 0, "\(zeros.disk.bytesRead) bytes of zeros were read")
            let islands = try await ImageTrial.write(.islands(6 << 20), as: subject)
            let (read, worth) = (islands.disk.bytesRead, islands.disk.bytesWorthReading)
            try require(read <= worth, "\(read) bytes were read where \(worth) are enough")
        },
        Case("the same disk with the same settings is the same files, byte for byte") { subject in
            for isStream in [false] + (try subject.format().variant.canStream ? [true] : []) {
                let one = try await ImageTrial.write(.islands(3 << 20), as: subject, isStream: isStream)
                _ = try await ImageTrial.write(.islands(1 << 20, seed: 9), as: subject, isStream: isStream)
                let two = try await ImageTrial.write(.islands(3 << 20), as: subject, isStream: isStream)
                try require(one.folder.names == two.folder.names, "other files: \(two.folder.names)")
                for name in one.folder.names {
                    try require(one.folder[name] == two.folder[name], "\(name) differs")
                }
            }
        },
        Case("progress ascends to the size of the disk") { subject in
            let disk = ContractDisk.islands(3 << 20)
            let steps = Mutex<[UInt64]>([])
            let folder = MemoryImages()
            _ = try await subject.format().write(disk, to: folder.destination("disk")) { done in
                steps.withLock { $0.append(done) }
            }
            let seen = steps.withLock { $0 }
            try require(seen == seen.sorted(), "progress goes back")
            try require(seen.last == disk.size, "progress ends at \(seen.last ?? 0) of \(disk.size)")
        },
        Case("its variants are named, each by another name, and settings choose one") { subject in
            let format = try subject.format()
            let variants = type(of: format).variants
            try require(variants.contains(format.variant), "\(format.variant.name) is none of its variants")
            try require(Set(variants.map(\.name)).count == variants.count, "two variants share a name")
            for ending in type(of: format).fileExtensions {
                try require(!ending.isEmpty && !ending.contains("."), "files cannot end with `\(ending)`")
            }
        },
    ]

    /// - Throws: `ContractFailure` when the check finds anything.
    static func requireSound(_ trial: ImageTrial, _ what: String) async throws {
        let check = try await trial.check()
        let format = type(of: trial.format).name
        try require(check.format == format, "a check by \(check.format) instead of \(format)")
        // Formats without sectors of their own may warn of a disk that has none.
        let isWhole = trial.disk.size % 512 == 0
        try require(
            check.isSound && (check.count == 0 || !isWhole),
            "\(what): the check finds \(check.violations.prefix(3).map(\.description).joined(separator: "; "))")
    }
}
