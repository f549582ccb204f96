package import Engine

extension Registry where Product == any ImageFormat {
    /// Every disk image format of this build. A new format adds one line here.
    package static let builtin = Registry([
        QCOW2Image.self,
        RawImage.self,
        VHDImage.self,
        VHDXImage.self,
        VMDKImage.self,
    ])
}
