import ArgumentParser
import Engine

/// `ahvault inventory clusters`
struct InventoryClusters: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusters",
        abstract: "List a source's clusters with their containers and networks.",
        discussion: """
            EXAMPLES
              ahvault inventory clusters
              ahvault inventory clusters --source lab --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var source: SourceOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let inventory = try await SourceAccess(configuration, in: surroundings).inventory(of: source.source)
        if output.json {
            surroundings.console.say(try JSONOutput.document(inventory.clusters))
            return .done
        }
        var table = Table([.left("NAME"), .left("VERSION"), .left("CONTAINERS"), .left("NETWORKS"), .left("ID")])
        for cluster in inventory.clusters.sorted(by: { $0.name < $1.name }) {
            table.add([
                cluster.name, cluster.version, cluster.containers.joined(separator: ", "),
                cluster.networks.joined(separator: ", "), cluster.id,
            ])
        }
        surroundings.console.say(table.text)
        for cluster in inventory.clusters {
            guard let obstacle = cluster.obstacle else { continue }
            surroundings.console.warn("cluster \(cluster.name) cannot be backed up: \(obstacle)")
        }
        return .done
    }
}
