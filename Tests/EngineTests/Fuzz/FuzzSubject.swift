import Glibc
import Testing

@testable import Engine

/// A parser of repository bytes, with valid bytes to begin from.
struct FuzzSubject: Sendable, CustomTestStringConvertible {
    let name: String
    /// Valid objects.
    let samples: [[UInt8]]
    /// Bytes to splice with; another sample unless given.
    var splice: [UInt8]?
    /// Where JSON begins in an object; nil for objects that are none.
    var jsonStart: (@Sendable ([UInt8]) -> Int?)?
    /// Makes checksums fit again, so that what they protect is reached.
    var seal: @Sendable (inout [UInt8]) -> Void = { _ in }
    /// Throws nothing but an `EngineError`, whatever the bytes are.
    let parse: @Sendable ([UInt8]) throws(EngineError) -> Void

    var testDescription: String { name }

    /// Changed bytes, the same for the same number.
    func input(_ number: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(number) &* 0x2545_F491_4F6C_DD1D &+ 77)
        var bytes = samples.randomElement(using: &generator) ?? []
        let other = splice ?? samples.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            if let start = jsonStart?(bytes), Int.random(in: 0..<4, using: &generator) > 0 {
                var json = Array(bytes[start...])
                JSONMutation.allCases.randomElement(using: &generator)?.apply(to: &json, using: &generator)
                bytes = bytes[..<start] + json
            } else {
                Mutation.allCases.randomElement(using: &generator)?.apply(to: &bytes, other: other, using: &generator)
            }
        }
        if Bool.random(using: &generator) { seal(&bytes) }
        return bytes
    }
}

/// How long to go on. `AHVAULT_FUZZ` is the number of inputs for each parser.
enum FuzzLength {
    static let inputs = ProcessEnvironment.number("AHVAULT_FUZZ") ?? 600
    /// Whole repositories, which take longer.
    static let repositories = max(1, inputs / 6)
    /// Number of the first input: another one tries others.
    static let first = ProcessEnvironment.number("AHVAULT_FUZZ_FIRST") ?? 0
    private static let isTraced = ProcessEnvironment.number("AHVAULT_FUZZ_TRACE") == 1

    /// Prints what is tried next when `AHVAULT_FUZZ_TRACE=1`: the last line is what stopped the program.
    static func trace(_ text: @autoclosure () -> String) {
        if isTraced { write(STDERR_FILENO, text() + "\n", text().utf8.count + 1) }
    }
}
