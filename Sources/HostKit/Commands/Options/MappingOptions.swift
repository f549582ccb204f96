import ArgumentParser
import Engine

/// Where on a source a restore puts a VM, its networks included.
struct MappingOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions
    @Option(
        help: ArgumentHelp(
            "Connect what was on network A to network B, by name or id; may be given several times.", valueName: "A=B"))
    var network: [NetworkPair] = []

    var mapping: RestoreMapping {
        var mapping = place.mapping
        for pair in network { mapping.networks[pair.original] = pair.replacement }
        return mapping
    }
}

/// `A=B` of `--network`.
struct NetworkPair: ExpressibleByArgument, Sendable, Equatable {
    let original: String
    let replacement: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        original = String(parts[0])
        replacement = String(parts[1])
    }
}
