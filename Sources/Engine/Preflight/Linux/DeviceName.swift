/// The name of a device of Linux that is made up at every start, such as `/dev/vda1`.
struct DeviceName: Equatable {
    /// `vd`, `sd`, `xvd`, `hd`, `nvme`.
    let bus: String
    /// From 0; nil where names do not count.
    let disk: Int?
    /// Nil for the whole disk.
    let partition: Int?

    /// Nil for names that stay: of volumes, labels and ids.
    init?(_ text: String) {
        guard text.hasPrefix("/dev/") else { return nil }
        let name = text.dropFirst(5)
        guard let bus = ["xvd", "vd", "sd", "hd"].first(where: { name.hasPrefix($0) }) else {
            guard name.hasPrefix("nvme") || name.hasPrefix("mmcblk") else { return nil }
            bus = "nvme"
            disk = nil
            partition = nil
            return
        }
        let rest = name.dropFirst(bus.count)
        let letters = rest.prefix { $0.isASCII && $0.isLowercase }
        let digits = rest.dropFirst(letters.count)
        guard let letter = letters.utf8.first, digits.isEmpty || Int(digits) != nil else { return nil }
        self.bus = bus
        disk = letters.utf8.count == 1 ? Int(letter) - Int(UInt8(ascii: "a")) : nil
        partition = Int(digits)
    }

    /// Whether Azure never has such a device.
    var isGone: Bool { bus != "sd" }
}
