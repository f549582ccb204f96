import Engine

/// A part of an object on its way to a place.
struct UploadPart: Sendable {
    /// The first is 1.
    let number: Int
    /// Where in the object it begins, in bytes.
    let offset: Int
    /// What holds its bytes, which do not change before it has arrived.
    let content: Buffer
    let range: Range<Int>
}

/// Where the parts of one object go.
protocol PartPlace: Sendable {
    /// What a part that has arrived leaves in one's hand.
    associatedtype Receipt: Sendable

    /// Called before the first part; again when it failed.
    func begin() async throws(EngineError)

    /// Called for several parts at once, and again for one that failed.
    func put(_ part: UploadPart) async throws(EngineError) -> Receipt
}
