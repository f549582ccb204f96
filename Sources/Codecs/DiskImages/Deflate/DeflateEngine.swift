/// A library that deflates, set to a level and a wrapper. One task uses it at a time.
protocol DeflateEngine: Sendable {
    /// Writes one whole stream; returns its bytes, or nil when there was no room.
    func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int?
}

extension DeflateEffort {
    /// What does it best here. zlib stands in where libdeflate is not there, or cannot hold the window small.
    func engine(_ wrapper: DeflateWrapper) -> any DeflateEngine {
        switch (self, wrapper) {
        case (.fast, _): return ISALDeflate(level: 2, wrapper)
        case (.balanced, .rawSmallWindow): return ISALDeflate(level: 3, wrapper)
        case (.small, .rawSmallWindow): return ZlibDeflate(level: 6, wrapper)
        #if canImport(CDeflate)
            case (.balanced, _): return LibdeflateDeflate(level: 5, wrapper)
            case (.small, _): return LibdeflateDeflate(level: 7, wrapper)
        #else
            case (.balanced, _): return ZlibDeflate(level: 4, wrapper)
            case (.small, _): return ZlibDeflate(level: 9, wrapper)
        #endif
        }
    }
}
