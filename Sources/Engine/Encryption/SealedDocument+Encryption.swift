import Crypto
import FoundationEssentials

extension SealedDocument {
    /// Seals an encrypted document.
    ///
    /// ```
    /// AHVAULT <KIND> 1 aes-256-gcm <generation> <session salt, 32 digits> <counter, 16 digits>
    /// sha256 <of the first line with its line break, and all that follows this line>
    /// ciphertext of the JSON · tag 16
    /// ```
    ///
    /// Generation is decimal, salt and counter hexadecimal, the counter's highest digit first. Key and nonce are those of
    /// `SessionKeys`, purpose `ahvault manifest 1`. Authenticated: the first line with its line break, and the object's
    /// key.
    func seal(_ content: Content, under keys: SessionKeys, as key: ObjectKey) throws(EngineError) -> Buffer {
        let counter = keys.nextCounter()
        let words = ["\(keys.generation)", Hex.text(keys.salt), Hex.text(counter)]
        let line = "\(clearLine) \(EncryptionScheme.aes256GCM) " + words.joined(separator: " ") + "\n"
        let nonce = try SessionKeys.nonce(counter)
        let json = try json(content)
        do {
            let box = try AES.GCM.seal(
                json, using: keys.writingKey(.manifest), nonce: nonce, authenticating: Array((line + key.text).utf8))
            return sealed(line, Array(box.ciphertext) + Array(box.tag))
        } catch {
            throw EngineError(.bug, "AES-GCM failed: \(error)")
        }
    }

    /// - Throws: `.corrupt` when a byte is wrong, or stood at another object; `.locked`; `.unsupported`.
    func open(_ bytes: [UInt8], under keys: SessionKeys, as key: ObjectKey) throws(EngineError) -> Content {
        let parts = try parse(bytes)
        guard parts.words.count == 4 else { throw damaged("it is not encrypted, as all in this repository must be") }
        guard parts.words[0] == EncryptionScheme.aes256GCM else {
            throw EngineError(.unsupported, "\(what) is encrypted by `\(parts.words[0])`: update this program")
        }
        guard let generation = UInt16(parts.words[1]), let salt = Hex.bytes(parts.words[2]),
            salt.count == SessionKeys.saltCount, parts.words[3].utf8.count == 16,
            let counter = UInt64(parts.words[3], radix: 16), parts.body.count >= 16
        else { throw damaged("its first line is not understood") }
        let nonce = try SessionKeys.nonce(counter)
        let sessionKey: SymmetricKey
        do {
            sessionKey = try keys.readingKey(.manifest, generation: generation, salt: salt)
        } catch {
            throw error.at(what)
        }
        let json: Data
        do {
            let box = try AES.GCM.SealedBox(
                nonce: nonce, ciphertext: parts.body.dropLast(16), tag: parts.body.suffix(16))
            json = try AES.GCM.open(
                box, using: sessionKey, authenticating: parts.line + Array(key.text.utf8))
        } catch {
            throw EngineError(.corrupt, "\(what) was altered: its encrypted bytes do not fit their tag")
        }
        return try content(json)
    }
}

/// Names of encryption schemes, as the repository's `config` and the first lines of documents have them.
enum EncryptionScheme {
    static let none = "none"
    static let aes256GCM = "aes-256-gcm"
}
