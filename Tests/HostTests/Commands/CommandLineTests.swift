import ArgumentParser
import Testing

@testable import HostKit

@Suite("The command line")
struct CommandLineTests {
    /// Every command, with the words that lead to it.
    static func commands(
        below command: any ParsableCommand.Type = AHVaultCommand.self, path: [String] = []
    ) -> [(path: [String], type: any ParsableCommand.Type)] {
        command.configuration.subcommands.flatMap { child -> [(path: [String], type: any ParsableCommand.Type)] in
            let path = path + [child.configuration.commandName ?? ""]
            return [(path, child)] + commands(below: child, path: path)
        }
    }

    static let verbs = commands().filter { $0.type.configuration.subcommands.isEmpty }.map(\.path)

    @Test("the verbs of this version are there")
    func complete() {
        let known = Set(Self.verbs.map { $0.joined(separator: " ") })
        #expect(
            known == [
                "inventory clusters", "inventory vms", "inventory disks", "backup run", "backup vm", "points list",
                "points show", "points pin", "points unpin", "points delete", "restore vm", "restore disk", "copy",
                "export disk", "export ova", "export azure", "import disk", "import ova", "image info", "image check",
                "image convert",
                "image compare", "image formats",
                "repository init", "repository check", "repository prune",
                "repository repair", "repository stats", "repository rebuild-catalog", "repository key add",
                "repository key remove", "repository key list", "repository key rotate", "plugins list",
                "plugins check",
                "plugins describe",
            ])
    }

    @Test("every verb prints help with examples, and takes --config", arguments: verbs)
    func help(verb: [String]) async {
        let outcome = await HostScene.run(verb + ["--help"])
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("EXAMPLES\n  ahvault "))
        #expect(outcome.output.contains("--config <file>"))
        #expect(outcome.errors == "")
    }

    @Test(
        "a command line that cannot be understood ends with code 2 and its usage on stderr",
        arguments: [
            ["bogus"], ["backup", "run"], ["points", "list", "--bogus"], ["repository", "check", "--read-data=0"],
            ["restore", "disk", "x", "--disk", "scsi.0"], ["backup", "vm", "x", "--consistency", "guest"],
            ["restore", "disk", "x", "--disk", "scsi.0", "--attach-to", "a", "--at", "scsi"],
            ["export", "disk", "x"], ["export", "disk", "x", "--disk", "a", "--all-disks", "--output", "y"],
            ["export", "disk", "x", "--output", "-", "--json"], ["export", "disk", "x", "--output", "-", "--resume"],
            ["export", "azure", "x"], ["export", "azure", "x", "--to", "a", "--generation", "3"],
            ["export", "azure", "x", "--to", "a", "--tag", "b"],
            ["export", "azure", "x", "--to", "a", "--discard", "--resume"],
            ["export", "ova", "x"], ["import", "disk", "--vm", "x"], ["import", "disk", "x"],
            ["import", "disk", "x", "--vm", "x", "--memory", "3"],
            ["import", "disk", "x", "--vm", "x", "--bus", "usb"],
            ["restore", "vm", "x", "--network", "a"], ["restore", "vm", "x", "--in-place", "--name", "y"],
        ])
    func usage(arguments: [String]) async {
        let outcome = await HostScene.run(arguments)
        #expect(outcome.status == .wrongUsage)
        #expect(outcome.errors.hasPrefix("Error: "))
        #expect(outcome.errors.contains("Usage: ahvault"))
        #expect(outcome.output == "")
    }

    @Test("--config may stand before the noun and behind the verb")
    func config() async throws {
        let scene = try HostScene()
        let before = await HostScene.run(["--config", scene.configPath, "inventory", "clusters"])
        let behind = await HostScene.run(["inventory", "clusters", "--config", scene.configPath])
        #expect(before.status == .done)
        #expect(behind.status == .done)
        #expect(before.output == behind.output)
        let absent = await HostScene.run(["--config", "/nowhere.yaml", "inventory", "clusters"])
        #expect(absent.status == .wrongUsage)
        #expect(absent.errors.contains("cannot read the configuration /nowhere.yaml: No such file or directory"))
    }

    @Test("plugins are listed and described, their secrets marked")
    func plugins() async {
        let list = await HostScene.run(["plugins", "list"])
        #expect(list.output.contains("target  local "))
        #expect(list.output.contains("codec   zstd "))
        let described = await HostScene.run(["plugins", "describe", "shared"])
        #expect(described.output.contains("cluster   required  name of the cluster in this process"))
        #expect(described.output.contains("(secret: env:NAME, file:PATH or the value)"))
        let absent = await HostScene.run(["plugins", "describe", "nix"])
        #expect(absent.status == .wrongUsage)
        #expect(absent.errors.contains("no plug-in `nix`; this build has: shared, azure-blob, local"))
    }
}
