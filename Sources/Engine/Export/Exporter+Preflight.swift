extension Exporter {
    /// Looks into disks of a restore point for what will keep a VM from starting at Azure.
    /// - Parameter disks: the one that the VM starts from comes first.
    /// - Throws: when the restore point itself cannot be read; what stands on its disks never fails this.
    package func inspect(
        _ disks: [Manifest.Disk], of manifest: Manifest, by preflight: AzurePreflight
    ) async throws(EngineError) -> PreflightReport {
        try await withReaders(disks, of: manifest) { readers throws(EngineError) in
            let inspected = zip(disks, readers).map { InspectedDisk($1, name: "\($0.address)") }
            return try await preflight.inspect(inspected)
        }
    }

    /// What the source kept of the VM beside its disks.
    package func configuration(of manifest: Manifest) async throws(EngineError) -> JSONValue {
        let bytes = try await read(manifest) { blobs in
            try await blobs.read(
                manifest.configuration, limit: RepositoryFormat.documentLimit, "VM configuration"
            ).array
        }
        return try JSONValue(parsing: bytes)
    }
}
