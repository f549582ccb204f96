import Engine

/// An image format with settings, as the command line gives them.
struct FormatChoice: Sendable, Equatable {
    let type: String
    var settings: [String: String] = [:]

    /// The same for the same choices.
    var text: String {
        ([type] + settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }

    var plugin: PluginChoice {
        let place = "--set"
        let entries = settings.sorted { $0.key < $1.key }.map {
            Setting.Entry(key: $0.key, place: place, value: Setting(.scalar($0.value), at: "\(place) \($0.key)"))
        }
        return PluginChoice(type: type, settings: Setting(.map(entries), at: "--format"))
    }
}
