import Codecs
import Engine
import EngineContracts
import Logging
import Testing

@Suite("The formats of disk images keep their contract")
struct ImageContractTests {
    /// Every variant of every format, and settings that change the layout.
    static let subjects: [ImageSubject] = [
        subject("raw", unit: 1, isMarked: false),
        subject("vhd", ["variant": "dynamic"]), subject("vhd", ["variant": "dynamic", "block-size": "512KiB"]),
        subject("vhd", ["variant": "fixed"]), subject("vhd", ["variant": "azure"], unit: 1 << 20, least: 20 << 20),
        subject("vhdx", ["variant": "dynamic"]), subject("vhdx", ["variant": "dynamic", "block-size": "1MiB"]),
        subject("vhdx", ["variant": "dynamic", "sector-size": "4096"], unit: 4096),
        subject("vhdx", ["variant": "fixed"]), subject("vhdx", ["variant": "fixed", "block-size": "8MiB"]),
        subject("vmdk", ["variant": "streamOptimized"]),
        subject("vmdk", ["variant": "streamOptimized", "compression": "fast"]),
        subject("vmdk", ["variant": "monolithicSparse"]), subject("vmdk", ["variant": "monolithicFlat"]),
        subject("vmdk", ["variant": "twoGbMaxExtentSparse"]), subject("vmdk", ["variant": "vmfs"]),
        subject("qcow2", ["variant": "plain"]), subject("qcow2", ["variant": "plain", "cluster-size": "4096"]),
        subject("qcow2", ["variant": "zlib"]), subject("qcow2", ["variant": "zstd"]),
    ]

    private static func subject(
        _ type: String, _ settings: [String: String] = [:], unit: UInt64 = 512, least: UInt64 = 0,
        isMarked: Bool = true
    ) -> ImageSubject {
        ImageSubject(
            type, settings, unit: unit, least: least, isMarked: isMarked, of: .builtin,
            in: PluginContext(logger: Logger(label: "test")))
    }

    @Test("each variant keeps each promise", arguments: subjects, ImageContract.cases)
    func promise(_ subject: ImageSubject, _ one: ImageContract.Case) async throws {
        try await one.run(subject)
    }

    @Test("every variant of every format is tried")
    func variants() {
        let tried = Self.subjects.map { $0.description.split(separator: " ").map(String.init) }
        for type in Self.types where type.name != "raw" {
            for variant in type.variants {
                let isTried = tried.contains { $0.first == type.name && $0.contains("variant=\(variant.name)") }
                #expect(isTried, "\(type.name) \(variant.name)")
            }
        }
        #expect(Set(Self.types.map { $0.name }) == Set(Registry<any ImageFormat>.builtin.entries.map(\.name)))
    }

    static let types: [any ImageFormat.Type] = [
        QCOW2Image.self, RawImage.self, VHDImage.self, VHDXImage.self, VMDKImage.self,
    ]

    @Test("each format keeps each promise of plug-ins", arguments: types.indices, PluginContract.cases)
    func pluginPromise(_ index: Int, _ one: PluginContract.Case) async throws {
        try await one.run(subject(Self.types[index]))
    }

    private func subject<F: ImageFormat>(_ type: F.Type) -> PluginSubject {
        let values = ["id": ImageSamples.id, "time": "2026-11-22T18:30:45Z"]
        let entries = values.sorted { $0.key < $1.key }.map {
            Setting.Entry(key: $0.key, place: "sample", value: Setting(.scalar($0.value), at: "sample"))
        }
        return PluginSubject(type, sample: Setting(.map(entries), at: "sample"))
    }
}
