import Testing

@testable import Engine

/// Every parser of repository bytes against changed bytes: it reads them or refuses them, traps on none, and allocates
/// nothing that the bytes merely claim to need.
///
/// `AHVAULT_FUZZ=100000 AHVAULT_FUZZ_FIRST=500000` tries more, and others.
@Suite("Hostile bytes", .serialized)
struct FuzzTests {
    /// Bytes. What tests beside this one may take meanwhile is below, what a length field may claim is above.
    private static let allowance = 1 << 30

    @Test("no parser traps, throws anything but an engine error, or believes a length", arguments: FuzzSubjects.all)
    func hostileBytes(subject: FuzzSubject) throws {
        for sample in subject.samples { try subject.parse(sample) }
        var refused = 0
        var peak = ProcessEnvironment.addressSpace
        for number in FuzzLength.first..<(FuzzLength.first + FuzzLength.inputs) {
            FuzzLength.trace("\(subject.name) \(number)")
            do {
                try subject.parse(subject.input(number))
            } catch {
                refused += 1
            }
            guard number % 100 == 99 else { continue }
            let space = ProcessEnvironment.addressSpace
            #expect(
                space.peak <= max(peak.peak, peak.now + Self.allowance),
                "\(subject.name): \(space.peak - peak.now) bytes at once, in inputs \(number - 99) to \(number)")
            peak = space
        }
        #expect(refused > 0)
    }
}
