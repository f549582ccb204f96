import Testing

@testable import Engine

/// Every parser of repository bytes against changed bytes: it reads them or refuses them, traps on none, and allocates
/// nothing that the bytes merely claim to need.
///
/// Each parser has a process of its own, so that a trap is told and its memory is nobody else's.
/// `AHVAULT_FUZZ=100000 AHVAULT_FUZZ_FIRST=500000` tries more, and others.
@Suite("Hostile bytes", .serialized)
struct FuzzTests {
    /// Bytes that a parser may take for the inputs tried here, which are small: what a length field may claim is above.
    private static let allowance = 256 << 20

    @Test(
        "no parser traps, throws anything but an engine error, or believes a length",
        arguments: FuzzSubjects.all.map(\.name))
    func hostileBytes(name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            let subject = try #require(FuzzSubjects.all.first { $0.name == name })
            for sample in subject.samples { try subject.parse(sample) }
            var refused = 0
            let before = ProcessEnvironment.addressSpace
            for number in FuzzLength.first..<(FuzzLength.first + FuzzLength.inputs) {
                FuzzLength.trace("\(name) \(number)")
                do throws(EngineError) {
                    try subject.parse(subject.input(number))
                } catch {
                    refused += 1
                }
                guard number % 100 == 99 else { continue }
                let peak = ProcessEnvironment.addressSpace
                try #require(
                    peak <= before + Self.allowance,
                    "\(name): \(peak - before) bytes more, in inputs \(number - 99) to \(number)")
            }
            try #require(refused > 0, "\(name)")
        }
    }
}
