import ArgumentParser

/// The noun `points`.
struct PointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points",
        abstract: "Show restore points.",
        subcommands: [PointsList.self, PointsShow.self])
}
