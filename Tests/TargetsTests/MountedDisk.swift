import Engine
import Glibc
import Testing

/// A small file system in memory, unmounted when the test lets go of it.
final class MountedDisk {
    private let path: String

    init(at path: String, options: String) throws {
        self.path = path
        mkdir(path, 0o700)
        try #require(
            ChildProcess.run("/bin/mount", ["-t", "tmpfs", "-o", options, "ahvault-test", path]) == 0,
            "this machine cannot mount a tmpfs")
    }

    deinit { unmount() }

    func remount(_ options: String) throws {
        try #require(ChildProcess.run("/bin/mount", ["-o", "remount," + options, path]) == 0)
    }

    func unmount() { _ = try? ChildProcess.run("/bin/umount", ["-l", path]) }
}
