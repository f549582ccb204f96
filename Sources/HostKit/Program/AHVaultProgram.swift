public import Engine

/// The program `ahvault`, for packages that build one of their own with plug-ins added:
/// `await AHVaultProgram.main(plugins: .builtin.adding(targets: [WebDAVTarget.self]))`.
public enum AHVaultProgram {
    /// Runs the process's own command line, and ends the process.
    public static func main(plugins: Plugins = .builtin) async -> Never { await Program.main(plugins: plugins) }
}
