/// What lies on the disks: named, and what is encrypted or not read told.
struct VolumeRules {
    func findings(_ survey: GuestSurvey) -> [PreflightFinding] { survey.volumes.compactMap { finding($0) } }

    private func finding(_ volume: GuestSurvey.Volume) -> PreflightFinding? {
        guard let signature = volume.signature else { return nil }
        let label = signature.label.map { " `\($0)`" } ?? ""
        switch signature.kind {
        case .luks:
            return PreflightFinding(
                .warning, .encryption, "\(volume.name) is encrypted by LUKS: it asks for its passphrase at every start",
                remedy:
                    "have the serial console of Azure ready (the command line needs console=ttyS0), or unlock it by "
                    + "a key in the initramfs; a key in the old VM's TPM does not come along")
        case .bitLocker:
            return PreflightFinding(
                .warning, .encryption,
                "\(volume.name) is encrypted by BitLocker: its key in the TPM does not come along",
                remedy:
                    "in the VM, before its backup, run `manage-bde -protectors -disable C:`, and keep the recovery key")
        case .swap:
            guard volume.place?.disk == 0 else { return nil }
            return PreflightFinding(
                .info, .swap, "\(volume.name) is swap, which every use of the OS disk pays for",
                remedy: "let the Azure agent make swap on the temporary disk instead")
        default:
            return PreflightFinding(.info, .fileSystem, "\(volume.name) is \(signature.kind.rawValue)\(label)")
        }
    }
}
