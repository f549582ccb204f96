/// How a VM of Hyper-V, and so of Azure, starts.
package enum HyperVGeneration: Int, Sendable, Equatable {
    /// By BIOS.
    case one = 1
    /// By UEFI.
    case two = 2
}
