import Testing

/// Where the repository of a test is kept: each target, behind a real server.
enum TargetKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case local, sftp, s3
    case azureBlob = "azure-blob"

    static let remote: [TargetKind] = [.sftp, .s3, .azureBlob]

    var testDescription: String { rawValue }
}
