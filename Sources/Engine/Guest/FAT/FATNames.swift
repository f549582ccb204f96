/// Joins the parts of long names, which stand before the records that they name.
struct FATNames {
    private var units: [UInt16] = []
    private var next = 0
    private var check: UInt8 = 0

    /// The name of a file or folder, when `record` is one.
    mutating func take(_ record: FATRecord) -> String? {
        guard !record.isDeleted else {
            next = 0
            units = []
            return nil
        }
        if record.isNamePart {
            takePart(record)
            return nil
        }
        let long = next == 1 && check == record.shortNameCheck ? units.prefix { $0 != 0 } : []
        units = []
        next = 0
        guard !record.isLabel else { return nil }
        return long.isEmpty ? record.shortName : String(decoding: long, as: UTF16.self)
    }

    private mutating func takePart(_ record: FATRecord) {
        let (number, isLast) = record.order
        if isLast {
            units = record.nameUnits
            check = record.nameCheck
            next = number
        } else if number == next - 1, record.nameCheck == check, number > 0 {
            units = record.nameUnits + units
            next = number
        } else {
            units = []
            next = 0
        }
    }
}
