import Engine

/// What a check of a target found.
struct TargetCheckReport: Encodable, Sendable {
    /// One sentence of the contract.
    struct Promise: Encodable, Sendable {
        let promise: String
        /// Also of what the target does not offer.
        let isKept: Bool
        /// Whether the target has what the promise is about.
        let isOffered: Bool
        /// Why it is not kept.
        let failure: String?
        let seconds: Double
    }

    /// How long one kind of small request takes, in milliseconds.
    struct Latency: Encodable, Sendable {
        let call: TargetCall
        let requests: Int
        let median: Double
        /// Of twenty requests one takes longer.
        let percentile95: Double

        init(_ call: TargetCall, _ times: [Duration]) {
            self.call = call
            requests = times.count
            let sorted = times.map { $0.seconds * 1000 }.sorted()
            func quantile(_ share: Double) -> Double {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
            }
            median = quantile(0.5)
            percentile95 = quantile(0.95)
        }
    }

    /// Large objects, all at once.
    struct Throughput: Encodable, Sendable {
        let objectBytes: Int
        let objects: Int
        let putSeconds: Double
        let getSeconds: Double

        var bytes: UInt64 { UInt64(objectBytes) * UInt64(objects) }
    }

    struct Measurement: Encodable, Sendable {
        var latency: [Latency] = []
        var throughput: Throughput?
        /// Why it could not be finished.
        var failure: String?
    }

    struct Capabilities: Encodable, Sendable {
        let hasAtomicCreate: Bool
        let hasAtomicUpload: Bool
        let parallelism: Int
    }

    let subject: TargetCheck.Subject
    let capabilities: Capabilities
    let promises: [Promise]
    let measurement: Measurement
    /// Objects below `contract/` that could not be removed.
    let leftovers: [String]

    init(
        _ subject: TargetCheck.Subject, _ capabilities: TargetCapabilities, _ promises: [Promise],
        _ measurement: Measurement, leftovers: [String]
    ) {
        self.subject = subject
        self.capabilities = Capabilities(
            hasAtomicCreate: capabilities.hasAtomicCreate, hasAtomicUpload: capabilities.hasAtomicUpload,
            parallelism: capabilities.parallelism)
        self.promises = promises
        self.measurement = measurement
        self.leftovers = leftovers
    }

    /// Whether every promise is kept and nothing is left.
    var isClean: Bool { promises.allSatisfy(\.isKept) && measurement.failure == nil && leftovers.isEmpty }
}
