/// A VM as an OVF describes it, wherever it comes from: DSP0243 1.1.
public struct OVFMachine: Sendable, Equatable {
    public enum Firmware: String, Sendable {
        case bios
        case uefi
    }

    public struct NIC: Sendable, Equatable {
        public var network: String
        /// Six pairs of digits with colons; nil lets the other side choose.
        public var macAddress: String?
        /// Such as `VmxNet3` or `E1000`.
        public var model: String

        public init(network: String, macAddress: String? = nil, model: String = "VmxNet3") {
            self.network = network
            self.macAddress = macAddress
            self.model = model
        }
    }

    public struct Controller: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case ide
            case scsi
            case sata
            case nvme
        }

        public var kind: Kind
        /// Such as `lsilogic` or `VirtualSCSI`; nil for the usual one.
        public var model: String?

        public init(_ kind: Kind, model: String? = nil) {
            self.kind = kind
            self.model = model
        }
    }

    public struct Disk: Sendable, Equatable {
        /// Bytes.
        public var capacity: UInt64
        /// Index into `controllers`; nil for a disk at none.
        public var controller: Int?
        /// The place at the controller. 7 is the controller itself on SCSI.
        public var unit: Int
        /// The file that holds it; nil for an empty one.
        public var file: String?
        /// What the file's format is called: a URI.
        public var format: String

        public init(
            capacity: UInt64, controller: Int?, unit: Int, file: String? = nil, format: String = OVFFormat.stream
        ) {
            self.capacity = capacity
            self.controller = controller
            self.unit = unit
            self.file = file
            self.format = format
        }
    }

    public var name: String
    public var processors: Int
    /// Nil when it is not told.
    public var coresPerSocket: Int?
    /// Bytes.
    public var memory: UInt64
    public var firmware = Firmware.bios
    public var hasSecureBoot = false
    /// A hint at what runs in it, for people, such as `Debian GNU/Linux 12`.
    public var operatingSystem: String?
    /// VMware's word for it, such as `debian11_64Guest`.
    public var operatingSystemType: String?
    public var nics: [NIC] = []
    public var controllers: [Controller] = []
    public var disks: [Disk] = []

    public init(name: String, processors: Int, memory: UInt64) {
        self.name = name
        self.processors = processors
        self.memory = memory
    }
}

/// What formats of disks are called in an OVF.
public enum OVFFormat {
    public static let stream = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"

    /// The URI for a format and variant of ours.
    public static func uri(of format: String, _ variant: String) -> String {
        switch format {
        case "vmdk": "http://www.vmware.com/interfaces/specifications/vmdk.html#\(variant)"
        case "vhd": "http://go.microsoft.com/fwlink/?LinkId=137171"
        case "vhdx": "https://learn.microsoft.com/openspecs/windows_protocols/ms-vhdx"
        case "qcow2": "https://www.qemu.org/docs/master/interop/qcow2.html"
        default: "urn:ahvault:disk-format:\(format)"
        }
    }
}
