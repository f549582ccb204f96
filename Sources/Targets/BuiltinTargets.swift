package import Engine

extension Registry where Product == any Target {
    /// Every target of this build. A new target adds one line here.
    package static let builtin = Registry([
        AzureBlobTarget.self,
        LocalTarget.self,
        S3Target.self,
        SFTPTarget.self,
    ])
}
