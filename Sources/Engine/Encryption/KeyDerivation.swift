import Crypto
import CryptoExtras
import FoundationEssentials

/// How a slot's keys come from a passphrase: scrypt (RFC 7914) with a salt of its own. Written into the slot.
package struct KeyDerivation: Codable, Sendable, Equatable {
    /// What one try of a passphrase costs: 128 × `rounds` × `blockSize` bytes of memory, `parallelism` times in turn.
    package struct Cost: Sendable, Equatable {
        package let rounds: Int
        package let blockSize: Int
        package let parallelism: Int

        /// 64 MiB.
        package static let usual = Cost(rounds: 1 << 16, blockSize: 8, parallelism: 1)
    }

    /// `scrypt`; others are of a later version.
    let type: String
    /// 32 bytes, in hexadecimal digits.
    let salt: String
    let rounds: Int
    let blockSize: Int
    let parallelism: Int

    private enum CodingKeys: String, CodingKey {
        case type, salt
        case rounds = "N"
        case blockSize = "r"
        case parallelism = "p"
    }

    /// What a slot may ask for: no more than 256 MiB, and four times the work of that.
    private static let roundsLimit = 1 << 20
    private static let memoryLimit = 256 << 20
    private static let parallelismLimit = 16
    private static let saltCount = 32

    package init(_ cost: Cost) {
        type = "scrypt"
        salt = Hex.text(RandomBytes.make(Self.saltCount))
        rounds = cost.rounds
        blockSize = cost.blockSize
        parallelism = cost.parallelism
    }

    /// What comes out of scrypt: 64 bytes in two halves.
    struct Keys {
        /// The first half: wraps the key ring.
        let wrapping: SymmetricKey
        /// The second half, written into the slot in hexadecimal digits: tells a wrong passphrase from an altered slot.
        let verifier: String
    }

    /// Takes time and memory on purpose: call it on a thread that may block.
    /// - Throws: `.corrupt` when the parameters are none that this program would have written, `.unsupported` for another
    ///   derivation.
    func keys(_ passphrase: Passphrase) throws(EngineError) -> Keys {
        let salt = try checkedSalt()
        let output: [UInt8]
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: passphrase.bytes, salt: salt, outputByteCount: 64, rounds: rounds, blockSize: blockSize,
                parallelism: parallelism)
            output = key.withUnsafeBytes { Array($0) }
        } catch {
            throw EngineError(.failed, "scrypt needs \(ByteCount(128 * rounds * blockSize)) of memory and failed")
        }
        return Keys(wrapping: SymmetricKey(data: output[..<32]), verifier: Hex.text(output[32...]))
    }

    private func checkedSalt() throws(EngineError) -> [UInt8] {
        guard type == "scrypt" else {
            throw EngineError(.unsupported, "key derivation `\(type.prefix(40))` is of a later version: update")
        }
        guard let salt = Hex.bytes(salt), salt.count == Self.saltCount, rounds >= 1 << 10, rounds <= Self.roundsLimit,
            rounds & (rounds - 1) == 0, (1...32).contains(blockSize), (1...Self.parallelismLimit).contains(parallelism),
            128 * rounds * blockSize * parallelism <= 4 * Self.memoryLimit,
            128 * rounds * blockSize <= Self.memoryLimit
        else { throw EngineError(.corrupt, "its derivation parameters are impossible") }
        return salt
    }
}
