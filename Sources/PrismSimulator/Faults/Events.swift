/// The faults that hit no call but the estate itself, as far as they last.
struct Events: Sendable {
    var degradesConsistency = 0
    private var regionFaults: [Fault.Event] = []

    mutating func disturbRegions(_ event: Fault.Event) { regionFaults.append(event) }

    /// The faults for the next answer with regions; each hits once.
    mutating func takeRegionFaults() -> [Fault.Event] {
        defer { regionFaults = [] }
        return regionFaults
    }
}

extension World {
    /// Whether the next application-consistent request is to end crash-consistent.
    var degradesConsistency: Bool {
        guard events.degradesConsistency > 0 else { return false }
        events.degradesConsistency -= 1
        return true
    }

    /// Sets a fault, or makes an event happen.
    func apply(_ fault: Fault) async {
        guard let event = fault.event else { return faults.add(fault) }
        let until = Timestamp.now().adding(seconds: fault.seconds)
        switch event {
        case .expireSessions: sessions.expireAll(now: .now())
        case .cutISCSI: traffic.cut(after: fault.bytes)
        case .refuseISCSI: traffic.refuse(until: until)
        case .emptyDiscovery: traffic.hideTargets(until: until)
        case .slowISCSI: traffic.delay(by: fault.seconds)
        case .degradeConsistency: events.degradesConsistency += max(1, fault.last == .max ? 1 : fault.last)
        case .stuckOffset, .regionBeyondEnd: events.disturbRegions(event)
        case .unsetDataServices:
            for cluster in all(.cluster) where fault.name == nil || cluster.body["name"]?.string == fault.name {
                update(.cluster, cluster.id) { $0.body["network"]?["externalDataServiceIp"] = nil }
            }
        case .loseRecoveryPoints:
            for point in all(.recoveryPoint) where fault.name == nil || covers(point, machine: fault.name) {
                await removePoint(point.id)
            }
        }
    }

    private func covers(_ point: Entity, machine name: String?) -> Bool {
        (point.hidden["machines"] ?? [:]).members.values.contains { $0["name"]?.string == name }
    }

    /// Takes back all faults; what already happened stays.
    func clearFaults() {
        faults.clear()
        events = Events()
        traffic.delay(by: 0)
        traffic.refuse(until: .now())
        traffic.hideTargets(until: .now())
    }
}
