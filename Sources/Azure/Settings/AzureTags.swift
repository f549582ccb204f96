package import Engine

/// The `tags` block: names and texts.
package struct AzureTags: Sendable, Equatable, Decodable, PlacedSetting {
    package let values: [String: String]

    /// Azure takes 50; some are ours.
    private static let most = 40

    package init(_ values: [String: String]) { self.values = values }

    package init(placed setting: Setting, what: String) throws {
        var values: [String: String] = [:]
        for entry in try setting.entries(what) {
            guard case .scalar(let text) = entry.value.shape else { throw entry.value.mismatch("a tag", "text") }
            values[entry.key] = text
        }
        self.values = values
    }

    package init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "tags can only be decoded from settings")
    }

    /// - Throws: `.configuration` for what Azure does not take.
    func check() throws(EngineError) {
        guard values.count <= Self.most else { throw EngineError(.configuration, "`tags`: at most \(Self.most)") }
        for (name, value) in values {
            guard (1...512).contains(name.utf16.count), !name.contains(where: { "<>%&\\?/".contains($0) }),
                value.utf16.count <= 256
            else {
                throw EngineError(
                    .configuration,
                    "`tags`: `\(name)`: names have at most 512 characters, without < > % & \\ ? /, texts at most 256")
            }
        }
    }
}
