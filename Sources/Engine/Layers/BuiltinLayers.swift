extension Registry where Product == any TargetLayer {
    /// Every layer of this build. A new one adds one line here.
    public static let builtin = Registry([
        BandwidthLayer.self,
        CacheLayer.self,
        ConcurrencyLayer.self,
        DrillCutLayer.self,
        DrillDelayLayer.self,
        DrillFailLayer.self,
        DrillLateListingLayer.self,
        LogLayer.self,
        ReadOnlyLayer.self,
        RetryLayer.self,
    ])
}
