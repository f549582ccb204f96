import Engine
import Targets

/// Makes managed disks, and finds those that an interrupted run has made.
struct DiskMaking: Sendable {
    let makers: ResourceMaking
    let documents: ResourceDocuments

    /// A disk as it is found or was made.
    enum Found: Sendable {
        /// It takes an upload; whether nobody has written to it.
        case open(JSONValue, isFresh: Bool)
        /// Its upload has ended; whether its bytes can be read.
        case complete(JSONValue, isReadable: Bool)
    }

    private static let pause = Duration.seconds(5)
    private static let mostPauses = 360

    func id(of disk: AzurePlan.Disk) -> ResourceID { ResourceID(.disk, disk.name, in: makers.client.group) }

    /// The disk for an upload. One that cannot be used any more is removed and made again.
    func uploadable(_ disk: AzurePlan.Disk) async throws(EngineError) -> Found {
        let id = id(of: disk)
        if makers.file.isNoted(id), let found = try await settled(id) {
            try makers.checkOurs(id, found)
            if let usable = try await usable(found, disk) { return usable }
            try await makers.client.delete(id)
        }
        try makers.file.mark(disk.name, AzureJournal.Mark())
        let made = try await makers.make(id, documents.uploadedDisk(disk))
        var mark = AzureJournal.Mark()
        mark.unique = made["properties"]?["uniqueId"]?.string ?? ""
        try makers.file.mark(disk.name, mark)
        return .open(made, isFresh: true)
    }

    private func usable(_ found: JSONValue, _ disk: AzurePlan.Disk) async throws(EngineError) -> Found? {
        let mark = makers.file.mark(disk.name)
        guard found["properties"]?["provisioningState"]?.string == "Succeeded",
            mark.unique.isEmpty || mark.unique == found["properties"]?["uniqueId"]?.string
        else { return nil }
        switch found["properties"]?["diskState"]?.string ?? "" {
        case "ReadyToUpload", "ActiveUpload": return .open(found, isFresh: false)
        case "Unattached": return mark.isComplete ? .complete(found, isReadable: true) : nil
        case "Attached", "Reserved": return mark.isComplete ? .complete(found, isReadable: false) : nil
        case "ActiveSAS":
            _ = try await makers.client.post(id(of: disk), "endGetAccess")
            return mark.isComplete ? .complete(found, isReadable: true) : nil
        default: return nil
        }
    }

    /// The disk when nothing is done to it any more; nil when there is none.
    private func settled(_ id: ResourceID) async throws(EngineError) -> JSONValue? {
        for _ in 0..<Self.mostPauses {
            guard let found = try await makers.client.find(id) else { return nil }
            let state = found["properties"]?["provisioningState"]?.string ?? "Succeeded"
            if LongOperation.isFinal(state) { return found }
            do {
                try await makers.client.policy.wait(Self.pause)
            } catch {
                throw EngineError(.cancelled, "cancelled")
            }
        }
        throw EngineError(.timedOut, "the \(id) is being changed for half an hour; look at it in the portal")
    }

    /// Makes a disk of a page blob.
    func imported(_ disk: AzurePlan.Disk, from blob: ResourceID) async throws(EngineError) {
        guard let account = PlanScene.storageAccount(documents.settings, makers.client) else {
            throw EngineError(.bug, "no storage account to import from")
        }
        try await makers.make(id(of: disk), documents.importedDisk(disk, of: blob.text, in: account))
    }

    /// - Throws: `.failed` when the upload has not made a disk of it.
    func checkComplete(_ disk: AzurePlan.Disk) async throws(EngineError) {
        let found = try await makers.client.find(id(of: disk))
        let state = found?["properties"]?["diskState"]?.string ?? "gone"
        guard state == "Unattached" else {
            throw EngineError(.failed, "the \(id(of: disk)) should be usable after its upload, and is \(state)")
        }
    }
}
