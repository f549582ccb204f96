import Engine

/// A random text kept with an object, by which a put recognizes its own object after an answer was lost.
struct WriteMark: Sendable, Equatable {
    let text: String

    static func make() -> WriteMark {
        WriteMark(text: Hex.text((0..<16).map { _ in UInt8.random(in: .min ... .max) }))
    }
}
