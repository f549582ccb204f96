/// Decodes a `Setting` into any `Decodable`, naming the place of whatever does not fit.
package struct SettingsDecoder: Decoder {
    let setting: Setting
    package let codingPath: [any CodingKey]
    package var userInfo: [CodingUserInfoKey: Any] { [:] }

    package init(_ setting: Setting) { self.init(setting, path: []) }

    init(_ setting: Setting, path: [any CodingKey]) {
        self.setting = setting
        codingPath = path
    }

    /// What is being decoded, for messages: the last key, or "the value".
    var what: String { codingPath.last.map { $0.intValue == nil ? "`\($0.stringValue)`" : "each item" } ?? "the value" }

    package func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(KeyedSettings<Key>(entries: try setting.entries(what), decoder: self))
    }

    package func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        switch setting.shape {
        case .list(let items): return ListedSettings(items: items, decoder: self)
        case .null: return ListedSettings(items: [], decoder: self)
        default: throw setting.mismatch(what, "a list")
        }
    }

    package func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleSetting(decoder: self) }

    func text(_ wanted: String) throws(EngineError) -> String {
        guard case .scalar(let text) = setting.shape else { throw setting.mismatch(what, wanted) }
        return text
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        switch type {
        case is String.Type: return try cast(text("text"))
        case is Bool.Type:
            let written = try text("`true` or `false`")
            guard let value = ["true": true, "false": false][written] else {
                throw setting.mismatch(what, "`true` or `false`")
            }
            return try cast(value)
        case let number as any (FixedWidthInteger & Decodable).Type: return try cast(integer(number))
        case is Double.Type:
            guard let value = Double(try text("a number")) else { throw setting.mismatch(what, "a number") }
            return try cast(value)
        case let place as any PlacedSetting.Type: return try cast(place.init(placed: setting, what: what))
        default: return try T(from: self)
        }
    }

    private func integer<N: FixedWidthInteger>(_ type: N.Type) throws -> N {
        let wanted = "a whole number from \(N.min) to \(N.max)"
        guard let value = N(try text(wanted)) else { throw setting.mismatch(what, wanted) }
        return value
    }

    private func cast<T>(_ value: some Any) throws -> T {
        guard let value = value as? T else { throw EngineError(.bug, "\(setting.place): decoded the wrong type") }
        return value
    }
}

/// A type that is made from the setting itself, with its place: secrets, nested plug-in choices, sizes.
package protocol PlacedSetting {
    init(placed setting: Setting, what: String) throws
}

private struct KeyedSettings<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let entries: [Setting.Entry]
    let decoder: SettingsDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { entries.contains { $0.key == key.stringValue } }

    private func nested(_ key: Key) throws -> SettingsDecoder {
        guard let entry = entries.first(where: { $0.key == key.stringValue }) else {
            throw EngineError(.configuration, "\(decoder.setting.place): `\(key.stringValue)` is missing")
        }
        return SettingsDecoder(entry.value, path: codingPath + [key])
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = try nested(key).setting.shape { return true }
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try nested(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try nested(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key) }
}

private struct ListedSettings: UnkeyedDecodingContainer {
    let items: [Setting]
    let decoder: SettingsDecoder
    var currentIndex = 0

    init(items: [Setting], decoder: SettingsDecoder) {
        self.items = items
        self.decoder = decoder
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    private mutating func next() throws -> SettingsDecoder {
        guard !isAtEnd else { throw EngineError(.bug, "\(decoder.setting.place): read past the end of a list") }
        defer { currentIndex += 1 }
        return SettingsDecoder(items[currentIndex], path: codingPath + [ItemKey(intValue: currentIndex)])
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, case .null = items[currentIndex].shape else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct SingleSetting: SingleValueDecodingContainer {
    let decoder: SettingsDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool {
        if case .null = decoder.setting.shape { return true }
        return false
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}

private struct ItemKey: CodingKey {
    let index: Int
    var stringValue: String { String(index) }
    var intValue: Int? { index }
    init(intValue: Int) { index = intValue }
    init?(stringValue: String) { return nil }
}
