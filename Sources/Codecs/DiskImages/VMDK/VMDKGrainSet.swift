import Engine

/// Where grains lie in a file: one bit for each place a grain could have, and a list of those that lie between places.
struct VMDKGrainSet {
    private let grainSectors: UInt64
    private var places: BlockSet
    private var between: [UInt32] = []

    /// - Parameter fileSize: bytes; grains lie within.
    init(grainSectors: UInt64, fileSize: UInt64) {
        self.grainSectors = grainSectors
        places = BlockSet(capacity: fileSize / VMDKLayout.sector / grainSectors + 1)
    }

    /// Whether no grain of those on places of their own begins there.
    mutating func insert(_ sector: UInt32) -> Bool {
        guard UInt64(sector) % grainSectors == 0 else {
            between.append(sector)
            return true
        }
        return places.insert(UInt64(sector) / grainSectors)
    }

    /// The sectors of grains between places that lie over others.
    mutating func overlaps() -> [UInt32] {
        between.sort()
        var found: [UInt32] = []
        for (index, sector) in between.enumerated() {
            let place = UInt64(sector) / grainSectors
            let followsTooSoon = index > 0 && UInt64(sector - between[index - 1]) < grainSectors
            if followsTooSoon || places.contains(place) || places.contains(place + 1) { found.append(sector) }
        }
        return found
    }
}
