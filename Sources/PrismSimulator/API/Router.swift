/// Finds the operation a request asks for.
struct Router: Sendable {
    enum Match: Sendable {
        case route(Route, minor: Int, parameters: [String: String])
        /// The path exists for other methods only.
        case otherMethod
        case none
    }

    private let routes: [String: [Route]]

    init(_ routes: [Route]) { self.routes = Dictionary(grouping: routes, by: \.namespace) }

    var namespaces: Set<String> { Set(routes.keys) }

    /// - Parameter path: decoded pieces, from `api` on.
    func match(_ method: String, _ path: [String]) -> Match {
        guard path.count > 3, path[0] == "api", path[2].hasPrefix("v4."), let minor = Int(path[2].dropFirst(3)) else {
            return .none
        }
        var isKnown = false
        for route in routes[path[1]] ?? [] where route.since <= minor {
            guard let parameters = route.parameters(in: path.dropFirst(3)) else { continue }
            if route.method == method { return .route(route, minor: minor, parameters: parameters) }
            isKnown = true
        }
        return isKnown ? .otherMethod : .none
    }

    /// Every operation of Prism Central.
    static let central = Router(
        World.inventoryRoutes + World.categoryRoutes + World.taskRoutes + World.machineRoutes
            + World.machineDeviceRoutes + World.recoveryPointRoutes + World.changedRegionRoutes
            + World.volumeGroupRoutes + World.iscsiClientRoutes)

    /// The few operations of Prism Element.
    static let element = Router(World.contentRoutes)
}
