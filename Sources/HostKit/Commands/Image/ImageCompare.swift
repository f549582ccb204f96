import ArgumentParser
import Engine

/// `ahvault image compare A B`
struct ImageCompare: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Tell whether two images hold the same disk, whatever their formats.",
        discussion: """
            The exit code is 1 when they differ; the first place where they do is named.

            EXAMPLES
              ahvault image compare web-01.raw web-01.vhdx
            """)

    @OptionGroup var image: ImageArgument
    @Argument(help: "The image to compare it with.", completion: .file())
    var other: String
    @OptionGroup var config: ConfigOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let formats = ImageFormats(surroundings)
        let (first, second) = (try image.open(), try FileStorage(other, relatedBelow: image.allow))
        let a = try await formats.format(of: first, given: image.inputFormat).open(first)
        let b = try await formats.format(of: second, given: nil).open(second)
        guard a.size == b.size else {
            surroundings.console.say("different: \(a.size) bytes and \(b.size) bytes")
            return .failed
        }
        let display = ImageProgressDisplay(of: image.image, size: a.size, on: surroundings.console)
        defer { display.end() }
        let difference = try await DiskComparison(a, b, progress: display.progress).firstDifference()
        display.end()
        surroundings.console.say(difference.map { "different from byte \($0) on" } ?? "the same disk")
        return difference == nil ? .done : .failed
    }
}
