/// Tells which hour, day, week, month and year of a place a moment belongs to.
///
/// Everything follows from the place's offset from UTC at that very moment, so days of 23 and 25 hours are days like
/// others, and of the hour that comes twice when clocks are put back each time is an hour of its own.
package struct RetentionCalendar: Sendable {
    private let offset: @Sendable (Timestamp) -> Int

    /// - Parameter offset: seconds that clocks at the place are ahead of UTC at a moment.
    package init(offset: @escaping @Sendable (Timestamp) -> Int) { self.offset = offset }

    package static let utc = RetentionCalendar { _ in 0 }

    /// One hour, day…: equal for two moments exactly when they are in the same one.
    struct Bucket: Hashable {
        let number: Int64
        /// Only of hours: tells the two apart that bear one name.
        let offset: Int
    }

    func bucket(of time: Timestamp, _ period: RetentionPeriod) -> Bucket {
        let offset = offset(time)
        let seconds = Self.floor(time.milliseconds, 1000) + Int64(offset)
        let day = Self.floor(seconds, 86_400)
        switch period {
        case .hourly: return Bucket(number: Self.floor(seconds, 3600), offset: offset)
        case .daily: return Bucket(number: day, offset: 0)
        // Weeks begin on Mondays, as ISO 8601 has them; 1970 began on a Thursday.
        case .weekly: return Bucket(number: Self.floor(day + 3, 7), offset: 0)
        case .monthly:
            let date = Self.date(day)
            return Bucket(number: date.year * 12 + date.month, offset: 0)
        case .yearly: return Bucket(number: Self.date(day).year, offset: 0)
        }
    }

    /// Year and month, counted from 0, of a day counted from 1 January 1970, in the Gregorian calendar.
    ///
    /// Counts years from March, so that the leap day is the last of its year, and in eras of 400 years, which all have
    /// the same number of days.
    private static func date(_ day: Int64) -> (year: Int64, month: Int64) {
        let shifted = day + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = era * 400 + yearOfEra
        return month < 10 ? (year, month + 2) : (year + 1, month - 10)
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}
