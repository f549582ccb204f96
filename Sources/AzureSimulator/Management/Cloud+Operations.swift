/// Operations that go on after their requests were answered.
extension Cloud {
    /// Starts an operation on a resource.
    func begin(
        _ effect: LongOperation.Effect, _ id: ResourceID, status: Int, _ request: ManagementRequest,
        result: JSON = .null, failure: AzureError? = nil
    ) -> Answer {
        let place = resources[id.key]?.location ?? ""
        let base = "/subscriptions/\(settings.subscription)/providers/\(id.kind.namespace)/locations/\(place)"
        let number = Front.newID()
        let isCompute = id.kind.namespace == "Microsoft.Compute"
        let path = "\(base)/\(id.kind == .disk ? "DiskOperations" : "operations")/\(number)"
        let operation = LongOperation(
            id: number, started: request.now, resource: id.key, effect: effect,
            failure: request.laterFailure ?? failure,
            result: result, statusPath: path, resultPath: isCompute ? path : "\(base)/operationResults/\(number)")
        operations[number] = operation
        resources[id.key]?.operation = number
        let isPut = request.call.method == "PUT"
        let answer = accepted(operation, status: status, isPut ? resources[id.key].map(shown) : nil, request)
        if settings.polls == 0 { finish(number, request.now) }
        return answer
    }

    /// Answers that an operation is under way.
    func accepted(_ operation: LongOperation, status: Int, _ body: JSON?, _ request: ManagementRequest) -> Answer {
        var answer = body.map { Answer.json(status, $0) } ?? Answer(status: status)
        let version = request.call.parameter("api-version") ?? ""
        let origin = request.call.origin
        answer.headers.append(("Retry-After", "\(settings.retryAfter)"))
        if operation.resource.isEmpty {
            answer.headers.append(("Location", "\(origin)\(operation.resultPath)?api-version=\(version)"))
            return answer
        }
        answer.headers.append(("Azure-AsyncOperation", "\(origin)\(operation.statusPath)?api-version=\(version)"))
        if request.call.method != "PUT" || status == 202 {
            let monitor = operation.resultPath == operation.statusPath ? "&monitor=true" : ""
            answer.headers.append(("Location", "\(origin)\(operation.resultPath)?api-version=\(version)\(monitor)"))
        }
        return answer
    }

    /// Ends what has gone on for long enough.
    func settle(_ now: Instant) {
        for operation in operations.values
        where operation.ended == nil && now.seconds >= operation.started.seconds + settings.operationSeconds {
            finish(operation.id, now)
        }
    }

    /// Answers a question for the state or the result of an operation.
    func poll(_ id: String, _ isResult: Bool, _ request: ManagementRequest) throws(AzureError) -> Answer {
        guard operations[id] != nil else {
            throw AzureError(404, "NotFound", "The operation '\(id)' was not found.")
        }
        operations[id]?.polls += 1
        if operations[id]?.polls ?? 0 > settings.polls { finish(id, request.now) }
        guard let operation = operations[id] else { return Answer(status: 404) }
        if !isResult {
            var answer = Answer.json(200, operation.json)
            if operation.ended == nil { answer.headers.append(("Retry-After", "\(settings.retryAfter)")) }
            return answer
        }
        guard operation.ended != nil else {
            var answer = Answer(status: 202)
            let query = request.call.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
            answer.headers += [
                ("Location", "\(request.call.origin)\(request.call.rawPath)?\(query)"),
                ("Retry-After", "\(settings.retryAfter)"),
            ]
            return answer
        }
        if let failure = operation.failure { throw failure }
        if !operation.result.isNull { return .json(200, operation.result) }
        if case .settle = operation.effect { return .json(200, resources[operation.resource].map(shown) ?? .null) }
        return Answer(status: operation.resource.isEmpty ? 200 : 204)
    }

    private func finish(_ id: String, _ now: Instant) {
        guard let operation = operations[id], operation.ended == nil else { return }
        operations[id]?.ended = now
        let key = operation.resource
        guard operation.failure == nil else {
            switch operation.effect {
            case .settle, .remove: resources[key]?.state = "Failed"
            default: break
            }
            return
        }
        switch operation.effect {
        case .settle:
            resources[key]?.state = "Succeeded"
            for subnet in resources.values where subnet.id.network?.key == key {
                resources[subnet.id.key]?.state = "Succeeded"
            }
        case .remove: remove(key)
        case .removeGroup(let name):
            for key in resources.values.filter({ $0.id.group.lowercased() == name }).map(\.id.key) { remove(key) }
            groups[name] = nil
        case .grant(let entry, let state):
            grants.add(entry)
            resources[key]?.properties["diskState"] = .text(state)
        case .revoke(let state): resources[key]?.properties["diskState"] = .text(state)
        case .power(let state): setPower(key, state)
        }
    }

    /// Forgets a resource and what goes with it.
    func remove(_ key: String) {
        guard let resource = resources.removeValue(forKey: key) else { return }
        switch resource.id.kind {
        case .disk:
            grants.remove(resource.account)
            let (store, account, container) = (store, resource.account, resource.container)
            Task { await store.removeDisk(account, container) }
        case .virtualMachine: detach(resource)
        case .virtualNetwork: for subnet in subnets(of: resource.id) { resources[subnet.id.key] = nil }
        default: break
        }
    }
}
