import Foundation
import Testing

/// Where the repository of a test is kept: each target, behind a real server.
///
/// `AHVAULT_TARGETS` names some of them, with commas between; all unless it is set.
enum TargetKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case local, sftp, s3
    case azureBlob = "azure-blob"

    static let chosen: [TargetKind] = {
        guard let names = ProcessInfo.processInfo.environment["AHVAULT_TARGETS"] else { return allCases }
        return names.split(separator: ",").compactMap { TargetKind(rawValue: String($0)) }
    }()

    static let remote = chosen.filter { $0 != .local }

    var testDescription: String { rawValue }
}
