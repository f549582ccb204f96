extension Registry where Product == any DedupIndex {
    /// Every dedup index in this build. A new one adds one line here.
    public static let builtin = Registry([
        DiskIndex.self,
        MemoryIndex.self,
    ])
}
