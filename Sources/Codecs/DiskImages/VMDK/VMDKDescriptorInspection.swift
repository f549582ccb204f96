import Engine

/// Looks at the text that describes a disk.
struct VMDKDescriptorInspection {
    let descriptor: VMDKDescriptor
    /// Where it begins in the file.
    let offset: UInt64
    let findings: VMDKFindings

    private static let types = [
        "monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "streamOptimized", "vmfs",
        "vmfsSparse", "vmfsThin", "seSparse", "custom",
    ]

    func run() {
        if !descriptor.hasUsualStart {
            warn("the first line is not `\(VMDKDescriptor.firstLine)`: libvmdk refuses it")
        }
        for name in ["version", "CID", "parentCID", "createType"] where descriptor.value(name) == nil {
            error("there is no `\(name)` in the descriptor")
        }
        for name in descriptor.repeated { error("`\(name)` is assigned more than once") }
        if descriptor.value("CID") != nil {
            switch descriptor.contentID {
            case nil: error("the content id is no number")
            case .some(0xFFFF_FFFE...): warn("the content id is one of those that mean something else")
            default: break
            }
        }
        if let type = descriptor.value("createType"),
            !Self.types.contains(where: { $0.lowercased() == type.lowercased() })
        {
            warn("the kind of disk `\(type)` is not a usual one")
        }
        if descriptor.parentID != nil, descriptor.value("parentFileNameHint") == nil {
            error("the disk differs from a parent, but does not say where it is")
        }
        lookAtDatabase()
        if descriptor.extents.isEmpty { error("the descriptor names no extents") }
        for line in descriptor.extents { look(at: line) }
    }

    private func lookAtDatabase() {
        if let adapter = descriptor.value("ddb.adapterType") {
            if VMDKAdapter(rawValue: adapter) == nil || adapter == VMDKAdapter.pvscsi.rawValue {
                warn("the adapter type `\(adapter)` is not one that a descriptor may name")
            }
        } else {
            warn("there is no `ddb.adapterType`")
        }
        if descriptor.value("ddb.virtualHWVersion") == nil { warn("there is no `ddb.virtualHWVersion`") }
    }

    private func look(at line: VMDKExtentLine) {
        if line.sectors == 0 { error("the extent `\(line.text)` has no sectors") }
        if line.kind == .flat, line.offset == nil { error("the extent `\(line.text)` has no offset: qemu refuses it") }
        if line.kind != .flat, line.offset != nil { error("the extent `\(line.text)` has an offset: qemu refuses it") }
        if line.kind == .zero || line.access == .readOnly {
            warn("some readers drop the extent `\(line.text)`, and move all that follows")
        }
    }

    private func error(_ message: String) { findings.error(at: offset, message) }
    private func warn(_ message: String) { findings.warning(at: offset, message) }
}
