import ArgumentParser

/// The noun `points`.
struct PointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points",
        abstract: "Show, pin and delete restore points.",
        subcommands: [PointsList.self, PointsShow.self, PointsPin.self, PointsUnpin.self, PointsDelete.self])
}
