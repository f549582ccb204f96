import ArgumentParser

/// `--json`, for every command that prints data.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON instead of a table.")
    var json = false
}
