import Codecs
import Engine
import Logging

/// The format with settings of a trial, and what it does with a disk.
enum QCOW2Trial {
    static func image(_ settings: [String: String] = [:]) throws -> any ImageFormat {
        let place = "test:1:1"
        let entries = settings.sorted { $0.key < $1.key }.map {
            Setting.Entry(key: $0.key, place: place, value: Setting(.scalar($0.value), at: place))
        }
        return try Registry<any ImageFormat>.builtin.make(
            PluginChoice(type: "qcow2", settings: Setting(.map(entries), at: place)),
            in: PluginContext(logger: Logger(label: "test")))
    }

    static func write(
        _ disk: any BlockReader, to path: String, _ settings: [String: String] = [:]
    ) async throws -> WrittenImage {
        let image = try image(settings)
        let destination = FileDestination(path, isDurable: false)
        return try await onBlockingThreads {
            let written = try await image.write(disk, to: destination) { _ in }
            try await destination.commit()
            return written
        }
    }

    static func open(_ path: String) async throws -> any DiskImage {
        try await image().open(FileStorage(path))
    }

    static func check(_ path: String) async throws -> ImageCheck {
        let image = try image()
        return try await onBlockingThreads { try await image.check(FileStorage(path)) }
    }
}
