import Engine

/// What a settings struct asks for while it is decoded, and a block of values that satisfies it.
struct SettingsReading: Sendable {
    /// Every key that was asked for, in order.
    let keys: [String]
    /// Keys whose value was taken without asking first whether there is one.
    let demanded: Set<String>
    /// Values that decode.
    let block: Setting

    static let secretMark = "correct-horse-battery"

    init<S: PluginSettings>(of type: S.Type, sample: Setting) throws {
        let log = ReadingLog(fields: S.fields, sample: try sample.entries("the sample"))
        do {
            _ = try S(from: RecordingDecoder(log: log))
        } catch let error as ContractFailure {
            throw error
        } catch {
            throw ContractFailure("decoding the settings with plausible values fails: \(error)")
        }
        keys = log.keys
        demanded = log.demanded
        block = Setting(.map(log.entries), at: "contract:1:1")
    }
}

/// What has been asked for so far.
private final class ReadingLog {
    private(set) var keys: [String] = []
    private(set) var demanded: Set<String> = []
    private(set) var entries: [Setting.Entry] = []
    private var asked: Set<String> = []
    private let fields: [Field]
    private let sample: [Setting.Entry]

    init(fields: [Field], sample: [Setting.Entry]) {
        self.fields = fields
        self.sample = sample
    }

    func ask(_ key: String) {
        note(key)
        asked.insert(key)
    }

    func decode<T: Decodable>(_ type: T.Type, _ key: String) throws -> T {
        note(key)
        if !asked.contains(key) { demanded.insert(key) }
        for candidate in try candidates(key) {
            if let value = try? SettingsDecoder(candidate).singleValueContainer().decode(type) {
                entries.append(Setting.Entry(key: key, place: "contract:1:1", value: candidate))
                return value
            }
        }
        throw ContractFailure(
            "no plausible value for `\(key)` of type \(T.self): its default does not fit, or give a sample")
    }

    private func note(_ key: String) { if !keys.contains(key) { keys.append(key) } }

    /// The sample, else the default, else one of each form of value.
    private func candidates(_ key: String) throws -> [Setting] {
        func setting(_ shape: Setting.Shape) -> Setting { Setting(shape, at: "contract:1:1") }
        if let given = sample.first(where: { $0.key == key }) { return [given.value] }
        let field = fields.first { $0.key == key }
        if case .defaulted(let text) = field?.presence { return [setting(.scalar(text))] }
        if field?.isSecret == true { return [setting(.scalar(SettingsReading.secretMark))] }
        let word = Setting.Entry(key: "type", place: "contract:1:1", value: setting(.scalar("local")))
        return [
            setting(.scalar("1")), setting(.scalar("true")), setting(.list([])), setting(.map([])),
            setting(.map([word])),
        ]
    }
}

private struct RecordingDecoder: Decoder {
    let log: ReadingLog
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RecordingContainer<Key>(log: log))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw ContractFailure("settings are a map of keys, not a list")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw ContractFailure("settings are a map of keys, not one value")
    }
}

private struct RecordingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let log: ReadingLog
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool {
        log.ask(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try log.decode(type, key.stringValue) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw ContractFailure("`\(key.stringValue)`: decode a type of its own instead of nested containers")
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw ContractFailure("`\(key.stringValue)`: decode an array instead of nested containers")
    }

    func superDecoder() throws -> any Decoder { throw ContractFailure("settings have no superclass") }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw ContractFailure("settings have no superclass") }
}
