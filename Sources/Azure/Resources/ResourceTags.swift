import Engine

/// The tags of what a run makes: those that are configured and chosen, and the ones that tell whose it is.
struct ResourceTags: Sendable {
    let json: JSONValue

    /// Characters of a text.
    private static let longest = 256

    init(_ settings: AzureSubscription.Settings, _ request: AzureExportRequest, run: String) {
        var values = (settings.tags?.values ?? [:]).merging(request.tags) { $1 }
        values[RunTag.name] = run
        values[RunTag.restorePoint] = request.restorePoint
        values[RunTag.vm] = request.vmName
        json = .object(values.mapValues { .string(String($0.prefix(Self.longest))) })
    }
}
