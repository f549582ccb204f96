import Engine

/// What is told of an open VMDK.
enum VMDKFacts {
    static func make(_ file: VMDKFile, parents: [String]) -> ImageFacts {
        ImageFacts(
            format: VMDKImage.name, variant: variant(file), details: details(file), remarks: file.remarks,
            parents: parents)
    }

    private static func variant(_ file: VMDKFile) -> String {
        if let type = file.descriptor?.createType, !type.isEmpty { return type }
        return file.header?.isStream == true ? "streamOptimized" : "monolithicSparse"
    }

    private static func details(_ file: VMDKFile) -> [ImageFacts.Detail] {
        var details: [ImageFacts.Detail] = []
        if let descriptor = file.descriptor {
            if let id = descriptor.contentID { details.append(.init("content id", VMDKReader.hex(id))) }
            if let id = descriptor.parentID { details.append(.init("parent's content id", VMDKReader.hex(id))) }
            let shown = [
                ("ddb.uuid", "id"), ("ddb.adapterType", "adapter type"), ("ddb.virtualHWVersion", "hardware version"),
            ]
            for (key, name) in shown {
                if let value = descriptor.value(key) { details.append(.init(name, value)) }
            }
            if file.header == nil { details.append(.init("extents", "\(descriptor.extents.count)")) }
        }
        if let header = file.header {
            details.append(.init("version", "\(header.version)"))
            details.append(.init("grain size", "\(header.grainSize)"))
            if header.isStream { details.append(.init("compression", "deflate")) }
        }
        return details
    }
}
