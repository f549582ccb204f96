package import Engine
package import Targets
import Wire

/// A subscription of Microsoft Azure that VMs are exported to, as configured. Start here.
///
/// `plan` looks and makes nothing; `AzureExport` carries a plan out. Nothing is kept open between calls.
package struct AzureSubscription: Sendable {
    package let settings: Settings
    let endpoints: AzureEndpoints
    let surroundings: EntraTokens.Surroundings
    let context: PluginContext

    /// - Parameters:
    ///   - policy: how failures are repeated; its `wait` and `elapsed` also count for operations that are waited for.
    ///   - clock: what time it is.
    /// - Throws: `.configuration` naming the key that is wrong.
    package init(
        _ settings: Settings, in context: PluginContext, policy: HTTPRetryPolicy = HTTPRetryPolicy(),
        clock: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws(EngineError) {
        try settings.check()
        self.settings = settings
        self.context = context
        endpoints = try AzureEndpoints(settings)
        surroundings = EntraTokens.Surroundings(
            trust: try settings.tls.trust(context), policy: Self.patient(policy), clock: clock, logger: context.logger)
    }

    /// Azure asks to be left alone for minutes at times, and an upload of hours is not given up for that.
    private static func patient(_ policy: HTTPRetryPolicy) -> HTTPRetryPolicy {
        var policy = policy
        policy.total = max(policy.total, .seconds(900))
        policy.longest = max(policy.longest, .seconds(60))
        return policy
    }

    /// What would be made for `request`, and what is there already. Makes nothing.
    /// - Parameter journal: of the interrupted export that is to go on.
    /// - Throws: `.configuration` for what cannot be; `.alreadyExists` when a name is taken; `.denied`; `.notFound` for a
    ///   network that is not there.
    package func plan(
        _ request: AzureExportRequest, resuming journal: AzureJournal? = nil
    ) async throws(EngineError) -> AzurePlan {
        let plan = try await PlanMaker(subscription: self, request: request, journal: journal).plan()
        let named = Set(plan.entries.map(\.id))
        // Whoever goes on under other names would forget what is paid for.
        if let lost = journal?.entries.first(where: { !named.contains($0.id) }) {
            throw EngineError(
                .configuration,
                "the interrupted export has made the \(lost.kind.title) \(lost.name), which this one does not use: give the "
                    + "same names and ways as then, or remove what it made with --discard")
        }
        return plan
    }
}
