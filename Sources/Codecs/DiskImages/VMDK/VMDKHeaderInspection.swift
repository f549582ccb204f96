import Engine

/// Looks at the header of a sparse extent, field by field.
struct VMDKHeaderInspection {
    let storage: any ImageStorage
    let fields: ImageFields
    let header: VMDKHeader
    let findings: VMDKFindings

    func run() {
        lookAtVersion()
        lookAtFlags()
        if header.grainSectors < 8 {
            findings.warning(at: 20, "grains of \(header.grainSectors) sectors are smaller than VMware's readers take")
        }
        if header.overhead > storage.size / VMDKLayout.sector {
            findings.error(at: 64, "the grains should begin at sector \(header.overhead), behind the file's end")
        }
        if header.isUnclean { findings.warning(at: 72, "the disk was not closed") }
        if fields.slice(79, 433).contains(where: { $0 != 0 }) {
            findings.warning(at: 79, "reserved bytes are not zero")
        }
        if header.descriptorOffset > 0, header.descriptorOffset != 1 {
            findings.warning(
                at: 28, "the descriptor is at sector \(header.descriptorOffset): qemu looks for it at 1")
        }
    }

    private func lookAtVersion() {
        switch (header.version, header.isStream) {
        case (2, _): findings.error(at: 4, "version 2 is refused by VirtualBox")
        case (1, true): findings.error(at: 4, "version 1 of a stream is too old for ESXi")
        case (3, false): findings.warning(at: 4, "version 3 of a file that is no stream is opened for reading only")
        default: break
        }
    }

    private func lookAtFlags() {
        let flags = header.flags
        if !flags.isSubset(of: .known) { findings.warning(at: 8, "unknown flags are set: \(flags.rawValue)") }
        if !flags.contains(.newlineTest) {
            findings.warning(at: 8, "the flag for the newline test is not set")
        } else if fields.slice(VMDKHeader.newlineField, 4) != VMDKHeader.newlines {
            findings.error(at: UInt64(VMDKHeader.newlineField), "the file was changed as if it were text")
        }
        if flags.contains(.compressed) != header.isStream {
            findings.error(at: 8, "the flags and the compression \(header.compression.rawValue) contradict each other")
        }
        if flags.contains(.redundantTables) != (header.redundantDirectory > 0) {
            findings.error(at: 48, "the flags and the place of the redundant grain directory contradict each other")
        }
    }
}
