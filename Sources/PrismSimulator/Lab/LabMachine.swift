/// One VM of a lab file.
struct LabMachine: Sendable {
    enum Boot: String, CaseIterable, Sendable { case legacy, uefi, secure }
    enum Bus: String, CaseIterable, Sendable {
        case scsi, sata, ide, pci

        var wire: String { rawValue.uppercased() }
    }

    struct Disk: Sendable {
        var extId: String
        var bus: Bus
        var index: Int
        /// In bytes; nil takes the size of the image.
        var size: Int?
        /// Path of the file with the first content; nil starts empty.
        var image: String?
        var container: String?
    }

    struct Drive: Sendable {
        var extId: String
        var bus: Bus
        var index: Int
        var image: String?
    }

    struct NIC: Sendable {
        var extId: String
        var subnet: String
        var mac: String
        var isConnected: Bool
        var address: String?
    }

    struct GuestTools: Sendable {
        var isInstalled: Bool
        var isEnabled: Bool
        var isReachable: Bool
        var isVSSCapable: Bool
        var system: String
    }

    var name: String
    var extId: String
    var description: String
    var cluster: String
    var sockets: Int
    var cores: Int
    var memory: Int
    var machineType: String
    var boot: Boot
    var hasTPM: Bool
    var isOn: Bool
    /// Each `Key:Value`.
    var categories: [String]
    var guestTools: GuestTools?
    var disks: [Disk]
    var drives: [Drive]
    var nics: [NIC]
}
