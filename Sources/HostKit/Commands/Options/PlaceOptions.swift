import ArgumentParser
import Engine

/// Where on a source a restore puts things.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Name or id of the cluster (default: the original's).", valueName: "cluster"))
    var cluster: String?
    @Option(
        help: ArgumentHelp(
            "Name or id of the storage container for disks (default: the original's).", valueName: "name"))
    var container: String?

    var mapping: RestoreMapping {
        var mapping = RestoreMapping()
        mapping.cluster = cluster
        mapping.container = container
        return mapping
    }
}
