import Engine

/// Looks at the header and what stands behind it in the first cluster.
struct QCOW2HeaderInspection {
    let head: QCOW2Head

    init(_ head: QCOW2Head) { self.head = head }

    private var header: QCOW2Header { head.header }

    func run(_ check: inout ImageCheck) {
        lookAtFeatures(&check)
        lookAtNumbers(&check)
        lookAtExtensions(&check)
    }

    private func lookAtFeatures(_ check: inout ImageCheck) {
        for bit in header.features.unknownBits {
            let name = head.extensions.name(of: bit, in: .incompatible).map { " (`\($0)`)" } ?? ""
            check.error(at: 72, "the incompatible feature \(bit)\(name) is unknown")
        }
        if header.features.contains(.dirty) {
            check.warning(at: 72, "the file was not closed: its refcounts may be old")
        }
        if header.features.contains(.corrupt) {
            check.error(at: 72, "whoever wrote the file last found it damaged, and marked it so")
        }
        let isRaw = header.autoclearFeatures & 2 != 0
        if isRaw, !head.hasExternalData {
            check.error(at: 88, "the file is marked as having raw external data, but has no external data file")
        }
        if isRaw, head.backingName != nil {
            check.error(at: 88, "raw external data and a backing file exclude each other")
        }
        if header.autoclearFeatures & 1 != 0, head.extensions[.bitmaps] == nil {
            check.error(at: 88, "the file is marked as having bitmaps, but does not say where")
        }
    }

    private func lookAtNumbers(_ check: inout ImageCheck) {
        if header.version > 2, header.headerSize % 8 != 0 {
            check.error(at: 100, "the header has \(header.headerSize) bytes, no multiple of 8")
        }
        if header.size % QCOW2Layout.sector != 0 {
            check.warning(at: 24, "the disk has \(header.size) bytes, no whole sectors: readers round differently")
        }
        if header.encryption > 2 { check.error(at: 32, "the encryption method \(header.encryption) is unknown") }
        if (header.encryption == 2) != (head.extensions[.encryptionHeader] != nil) {
            check.error(at: 32, "the encryption method and the pointer to an encryption header do not fit")
        }
        if head.hasExternalData, header.snapshots > 0 {
            check.error(at: 60, "an image with an external data file cannot have internal snapshots")
        }
    }

    private func lookAtExtensions(_ check: inout ImageCheck) {
        var seen: Set<UInt32> = []
        for part in head.extensions.parts {
            if part.kind == nil { check.warning(at: part.offset, "the header extension \(part.type) is unknown") }
            if !seen.insert(part.type).inserted {
                check.error(at: part.offset, "the header extension \(part.type) stands there twice")
            }
            switch part.kind {
            case .featureNames where part.bytes.count % 48 != 0:
                check.warning(
                    at: part.offset, "the names of features have \(part.bytes.count) bytes, no multiple of 48")
            case .bitmaps where part.bytes.count != 24, .encryptionHeader where part.bytes.count != 16:
                check.error(at: part.offset, "a header extension of \(part.bytes.count) bytes has the wrong length")
            case .backingFormat where head.backingName == nil:
                check.warning(at: part.offset, "a format of the backing file, but no backing file")
            case .externalData where !head.hasExternalData:
                check.warning(at: part.offset, "the name of a data file, but none is used")
            default: break
            }
        }
        if head.backingName != nil, head.extensions[.backingFormat] == nil {
            check.warning(at: 8, "the format of the backing file is not named: readers guess it by its first bytes")
        }
    }
}
