/// Bytes a second in both directions; nil is no limit.
package struct BandwidthRates: Sendable, Equatable {
    package let upload: Int?
    package let download: Int?

    package init(upload: Int?, download: Int?) {
        self.upload = upload
        self.download = download
    }

    init(limits upload: BandwidthLimit?, _ download: BandwidthLimit?) {
        self.init(upload: upload?.bytesPerSecond, download: download?.bytesPerSecond)
    }
}

/// Which limits count when.
package struct BandwidthSchedule: Sendable {
    private let usual: BandwidthRates
    private let windows: [BandwidthWindow]
    private let offsetFromUTC: @Sendable (Timestamp) -> Int

    /// - Parameter offsetFromUTC: seconds that clocks at the place are ahead at a moment.
    package init(
        usual: BandwidthRates, windows: [BandwidthWindow] = [],
        offsetFromUTC: @escaping @Sendable (Timestamp) -> Int = { _ in 0 }
    ) {
        self.usual = usual
        self.windows = windows
        self.offsetFromUTC = offsetFromUTC
    }

    /// The limits at a moment: those of the first window that it lies in.
    package func rates(at time: Timestamp) -> BandwidthRates {
        let seconds = time.milliseconds / 1000 + Int64(offsetFromUTC(time))
        let day = seconds.quotient(dividingBy: 86_400)
        let minute = Int(seconds - day * 86_400) / 60
        // 1 January 1970 was a Thursday.
        let weekday = Int((day + 3) - (day + 3).quotient(dividingBy: 7) * 7)
        guard let window = windows.first(where: { $0.contains(day: weekday, minute: minute) }) else { return usual }
        return BandwidthRates(
            upload: window.upload.map(\.bytesPerSecond) ?? usual.upload,
            download: window.download.map(\.bytesPerSecond) ?? usual.download)
    }
}

extension Int64 {
    /// Rounded down.
    fileprivate func quotient(dividingBy divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
