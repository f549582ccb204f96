import Engine

@testable import Targets

extension AzureBlobTarget {
    static let testKey = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ=="

    /// A target at an address of this machine, not opened. Without other credentials it has a key.
    static func test(
        _ changes: [String: Setting] = [:], endpoint: String, policy: RetryPolicy = .instant(),
        clock: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws -> AzureBlobTarget {
        var values: [String: Setting] = [
            "account": "tester", "container": "backups", "endpoint": Setting(endpoint), "style": "path",
        ]
        if changes.keys.allSatisfy({ !["key", "sas", "clientCredentials", "managedIdentity"].contains($0) }) {
            values["key"] = Setting(testKey)
        }
        for (key, value) in changes { values[key] = value }
        return try AzureBlobTarget(.decode(.block(values)), in: .test(), policy: policy, clock: clock)
    }
}
