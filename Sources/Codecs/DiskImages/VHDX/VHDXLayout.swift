import Engine

/// Numbers of the VHDX format: [MS-VHDX], version 8. All integers are little-endian, GUIDs in Windows' order.
enum VHDXLayout {
    static let mebibyte: UInt64 = 1 << 20
    static let fileSignature = "vhdxfile"
    /// Bytes of the file identifier that hold something: the signature and 256 characters of the creator.
    static let identifierSize = 8 + 512
    static let headerOffsets: [UInt64] = [64 << 10, 128 << 10]
    static let regionTableOffsets: [UInt64] = [192 << 10, 256 << 10]
    static let headerSize = 4096
    static let regionTableSize = 64 << 10
    /// Everything before it are the identifier, headers and region tables.
    static let headersEnd: UInt64 = 1 << 20
    /// What a new file has, in this order.
    static let log = ByteRange(1 << 20, 2 << 20)
    static let metadata = ByteRange(2 << 20, 3 << 20)
    static let tableOffset: UInt64 = 3 << 20
    static let metadataTableSize = 64 << 10

    static let blockSizes: ClosedRange<UInt64> = (1 << 20)...(256 << 20)
    /// Bytes of the largest disk.
    static let mostBytes: UInt64 = 64 << 40
    /// Sectors that one block of a sector bitmap stands for.
    static let sectorsPerChunk: UInt64 = 1 << 23
    /// The longest chain of differing disks that is followed.
    static let longestChain = 64

    static let tableRegion = guid("2DC27766-F623-4200-9D64-115E9BFD4A08")
    static let metadataRegion = guid("8B7CA206-4790-4B9A-B8FE-575F050F886E")

    static let fileParameters = guid("CAA16737-FA36-4D43-B3B6-33F0AA44E76B")
    static let diskSize = guid("2FA54224-CD1B-4876-B211-5DBED83BF4B8")
    static let diskID = guid("BECA12AB-B2E6-4523-93EF-C309E000C746")
    static let logicalSector = guid("8141BF1D-A96F-4709-BA47-F233A8FAAB5F")
    static let physicalSector = guid("CDA348C7-445D-4471-9CC9-E9885251C556")
    static let parentLocator = guid("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C")
    static let parentLocatorKind = guid("B04AEFB7-D19E-4A81-B789-25B8E9445913")

    private static func guid(_ text: String) -> ImageID {
        guard let id = ImageID(text) else { preconditionFailure("\(text) is no GUID") }
        return id
    }

    /// Blocks whose sectors one block of a sector bitmap stands for.
    static func chunkRatio(blockSize: UInt64, sectorSize: UInt64) -> UInt64 { sectorsPerChunk * sectorSize / blockSize }

    /// The name of what an id stands for, for messages.
    static func name(of id: ImageID) -> String {
        let names: [ImageID: String] = [
            fileParameters: "file parameters", diskSize: "virtual disk size", diskID: "virtual disk id",
            logicalSector: "logical sector size", physicalSector: "physical sector size",
            parentLocator: "parent locator", tableRegion: "block table", metadataRegion: "metadata",
        ]
        return names[id] ?? id.description
    }
}
