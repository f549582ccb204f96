package import Engine

extension Registry where Product == any Target {
    /// Every target of this build. A new target adds one line here.
    package static let builtin = Registry([
        LocalTarget.self,
        SFTPTarget.self,
    ])
}
