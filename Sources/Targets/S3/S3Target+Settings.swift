package import Engine

extension S3Target {
    package struct Settings: PluginSettings {
        let endpoint: String?
        let region: String
        let bucket: String
        let prefix: String
        let style: Style
        let accessKey: String?
        let secretKey: Secret?
        let sessionToken: Secret?
        let tls: TLSBlock
        let createBucket: Bool
        let storageClass: String?
        let objectLock: ObjectLock?
        let conditionalWrites: ConditionalWrites
        let parallelism: Int
        let partSize: Int

        package static let fields: [Field] = [
            .optional("endpoint", "the server's address, https://HOST[:PORT]; without it Amazon's of the region"),
            .defaulted("region", "us-east-1", "the bucket's region; servers of one's own mostly take any"),
            .required("bucket", "the bucket, which must exist"),
            .defaulted(
                "prefix", "", "what all names of objects start with, as a folder: several repositories a bucket"),
            .defaulted(
                "style", "path", "where the bucket stands in addresses: path (HOST/bucket) or virtual (bucket.HOST)"),
            .optional("accessKey", "the access key; without it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY count"),
            .secret("secretKey", "the secret key that belongs to `accessKey`"),
            .secret("sessionToken", "the token of temporary credentials"),
            TLSBlock.field,
            .defaulted("createBucket", "false", "whether a missing bucket is made"),
            .optional(
                "storageClass",
                "storage class of new objects, such as STANDARD_IA; none from which reading needs a restore"),
            .optional(
                "objectLock",
                "mode (GOVERNANCE or COMPLIANCE) and days: how long no version of an object can be deleted"),
            .defaulted(
                "conditionalWrites", "auto", "whether the server honours If-None-Match: auto finds out, yes, no"),
            .defaulted("parallelism", "8", "requests in flight, 1 to 64"),
            .defaulted(
                "partSize", "32",
                "larger objects are put in parts of this many MiB, 5 to 1024, and more for very large ones"),
        ]
    }

    package enum Style: String, Sendable, Decodable, PlacedSetting, CaseIterable {
        case path, virtual
    }

    package enum ConditionalWrites: String, Sendable, Decodable, PlacedSetting, CaseIterable {
        case auto, yes, no
    }

    /// How long each new object is retained. The bucket must have been made with Object Lock.
    package struct ObjectLock: Sendable, Decodable, PlacedSetting {
        let mode: String
        let days: Int

        private struct Keys: PluginSettings {
            let mode: String
            let days: Int

            static let fields: [Field] = [
                .required("mode", "GOVERNANCE, which a permitted user can lift, or COMPLIANCE, which nobody can"),
                .required("days", "days from the put on, 1 to 36500"),
            ]
        }

        package init(placed setting: Setting, what: String) throws {
            let keys = try Keys.decode(setting)
            guard ["GOVERNANCE", "COMPLIANCE"].contains(keys.mode), (1...36500).contains(keys.days) else {
                throw EngineError(
                    .configuration,
                    "\(setting.place): \(what) needs `mode` GOVERNANCE or COMPLIANCE and `days` from 1 to 36500")
            }
            (mode, days) = (keys.mode, keys.days)
        }
    }
}
