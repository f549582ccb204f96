/// All keys of an encrypted repository. Every key slot wraps the whole ring, so that a passphrase opens everything that
/// was written until its slot was made.
package struct KeyRing: Sendable {
    /// A key that the keys of writer sessions come from.
    package struct Master: Sendable {
        /// From 1 on; written into everything that is encrypted under this key.
        package let generation: UInt16
        /// 32 bytes.
        package let key: [UInt8]
    }

    /// 32 bytes that make ids; they never change, or nothing would be found again.
    package let identity: [UInt8]
    /// In order of generations, at least one.
    package let masters: [Master]

    /// The generation under which new things are encrypted.
    package var generation: UInt16 { masters.last?.generation ?? 0 }

    package static let keyCount = 32

    /// - Throws: `.corrupt` when keys have another length, or generations are not ascending from 1 on.
    package init(identity: [UInt8], masters: [Master]) throws(EngineError) {
        let generations = masters.map(\.generation)
        guard identity.count == Self.keyCount, masters.allSatisfy({ $0.key.count == Self.keyCount }),
            let first = generations.first, first > 0, zip(generations, generations.dropFirst()).allSatisfy(<)
        else { throw EngineError(.corrupt, "it holds no ring of keys") }
        self.identity = identity
        self.masters = masters
    }

    private init(known identity: [UInt8], _ masters: [Master]) {
        self.identity = identity
        self.masters = masters
    }

    /// A ring for a new repository.
    package static func random(using generator: inout some RandomNumberGenerator) -> KeyRing {
        KeyRing(
            known: RandomBytes.make(keyCount, using: &generator),
            [Master(generation: 1, key: RandomBytes.make(keyCount, using: &generator))])
    }

    /// The ring with one more key, under which everything new is encrypted from now on.
    /// - Throws: `.unsupported` when there are as many generations as can be written.
    package func rotated(using generator: inout some RandomNumberGenerator) throws(EngineError) -> KeyRing {
        guard generation < .max else {
            throw EngineError(.unsupported, "the keys of this repository were changed 65,535 times: make a new one")
        }
        let master = Master(generation: generation + 1, key: RandomBytes.make(Self.keyCount, using: &generator))
        return KeyRing(known: identity, masters + [master])
    }

    /// The key of a generation; nil when this ring is too old to have it.
    package func key(ofGeneration generation: UInt16) -> [UInt8]? {
        masters.first { $0.generation == generation }?.key
    }
}

extension KeyRing: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
