import ArgumentParser
import Engine
import Glibc

/// `ahvault image convert INPUT OUTPUT`
struct ImageConvert: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write the disk of an image in another format.",
        discussion: """
            Holes stay holes. The output appears under its name when it is whole. With - as OUTPUT the image goes to \
            stdout, in the forms that can be written front to back.

            EXAMPLES
              ahvault image convert web-01.raw web-01.vhdx
              ahvault image convert web-01.vhdx web-01.vmdk --variant streamOptimized
              ahvault image convert web-01.qcow2 - --format vhd --variant fixed > web-01.vhd
              ahvault image convert web-01.raw azure.vhd --variant azure
            """)

    @OptionGroup var input: ImageArgument
    @Argument(help: "The file to be written, or - for stdout.", completion: .file())
    var output: String
    @OptionGroup var format: FormatOptions
    @Flag(help: "Replace OUTPUT if it is there.")
    var replace = false
    @Flag(help: "Do not wait until the disk has everything: faster, and nothing is sure if the machine fails now.")
    var noSync = false
    @OptionGroup var config: ConfigOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let formats = ImageFormats(surroundings)
        let storage = try input.open()
        let disk = try await formats.format(of: storage, given: input.inputFormat).open(storage)
        let choice = try format.choice(for: output, among: formats)
        let format = try formats.make(choice)
        let display = ImageProgressDisplay(of: input.image, size: disk.size, on: surroundings.console)
        let destination = destination()
        for remark in disk.facts.remarks { surroundings.console.warn("\(input.image): \(remark)") }
        do {
            let image = try await format.write(disk, to: destination, progress: display.progress)
            try await destination.commit()
            display.end()
            let remarks = image.remarks.map { "note: \($0)\n" }.joined()
            surroundings.console.note(
                remarks + "\(output == "-" ? "stdout" : output): \(choice.type) \(format.variant.name), "
                    + "\(ByteCount(image.diskSize)) of disk in \(ByteCount(image.fileSize)), \(display.summary)")
            return .done
        } catch {
            display.end()
            await detached { await destination.abandon() }
            throw error
        }
    }

    private func destination() -> any ImageDestination {
        if output == "-" { return StreamDestination(descriptor: STDOUT_FILENO, name: "stdout") }
        return FileDestination(output, replaces: replace, isDurable: !noSync)
    }
}
