import ArgumentParser
import Engine

/// The noun `image`.
struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Look at disk images, check and convert them; no repository is needed.",
        subcommands: [
            ImageInfo.self, ImageCheckCommand.self, ImageConvert.self, ImageCompare.self, ImageFormatsCommand.self,
        ])
}

/// An image file on the command line.
struct ImageArgument: ParsableArguments {
    @Argument(help: "The image; of an image of several files the one that names the others.", completion: .file())
    var image: String
    @Option(
        help: ArgumentHelp("Take it for this format, whatever it looks like.", valueName: "format"))
    var inputFormat: String?
    @Option(
        help: ArgumentHelp(
            "Folder below which parents and extents that the image names may lie (default: its own).",
            valueName: "folder"))
    var allow: String?

    func open() throws(EngineError) -> FileStorage { try FileStorage(image, relatedBelow: allow) }
}
