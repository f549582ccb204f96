import ArgumentParser

/// `--json` for runs: what happens, as it happens.
struct EventOption: ParsableArguments {
    @Flag(help: "Print one JSON event a line on stdout, the last one with the report.")
    var json = false
}
