import Glibc

/// A private `tgtd`: its own management socket and its own portal on loopback.
struct TargetDaemon: Sendable {
    /// The daemon could not be started.
    struct Failure: Error, CustomStringConvertible {
        var reason: String
        var description: String { reason }
    }

    let process: ChildProcess
    let control: TargetControl
    /// Port of the portal on 127.0.0.1.
    let port: Int
    private let record: String

    static let program = "/usr/sbin/tgtd"

    /// The first target number that is free for volume groups.
    static let firstTarget: Int32 = 2

    /// Starts the daemon; blocks until it answers.
    ///
    /// A daemon that an earlier run on this folder left behind is ended first.
    ///
    /// - Parameter folder: the state folder.
    /// - Throws: `Failure` when `tgtd` is missing or does not come up.
    static func start(folder: String) throws -> TargetDaemon {
        guard access(program, X_OK) == 0 else {
            throw Failure(reason: "\(program) is missing: install the Debian package tgt")
        }
        if folder.contains(",") { throw Failure(reason: "the path of the state folder must not hold a comma") }
        let socket = socketPath(folder)
        let record = folder + "/tgtd.pid"
        sweep(record, socket: socket)
        let process = try ChildProcess.start(
            [program, "-f", "-C", "0", "-t", "4", "--iscsi", "portal=127.0.0.1:0"],
            environment: ["TGT_IPC_SOCKET=\(socket)"], log: folder + "/tgtd.log")
        let control = TargetControl(path: socket + ".0")
        do {
            try StateFile(path: record).save(Array("\(process.id)\n".utf8))
            let port = try awaitPortal(control, process)
            // A daemon without any target drops connections; with one that nobody may see it answers as a cluster does.
            try control.send(
                .target, .new, target: firstTarget - 1, parameters: "targetname=iqn.2010-06.com.nutanix:nobody")
            return TargetDaemon(process: process, control: control, port: port, record: record)
        } catch {
            process.stop()
            throw error
        }
    }

    /// Ends the daemon and takes its files away.
    func stop() {
        process.stop()
        unlink(record)
        unlink(control.path)
        unlink(control.path + ".lock")
    }

    /// A path short enough for a UNIX socket.
    private static func socketPath(_ folder: String) -> String {
        let path = folder + "/tgtd"
        return path.utf8.count < 90 ? path : "/tmp/prism-simulator-\(Identity.named(folder))"
    }

    private static func awaitPortal(_ control: TargetControl, _ process: ChildProcess) throws -> Int {
        var last = ""
        for _ in 0..<500 {
            if process.hasEnded() { throw Failure(reason: "tgtd ended at once; its log is in the state folder") }
            do {
                let text = try control.send(.portal, .show, target: -1)
                for line in text.split(separator: "\n") {
                    let address = line.split(separator: " ").last?.split(separator: ",").first ?? ""
                    if let port = address.split(separator: ":").last.flatMap({ Int($0) }), port > 0 { return port }
                }
                last = "its portal is not listed"
            } catch {
                last = "\(error)"
            }
            usleep(10_000)
        }
        throw Failure(reason: "tgtd does not come up: \(last)")
    }

    /// Ends the daemon of an earlier run, after checking that it is that one.
    private static func sweep(_ record: String, socket: String) {
        guard let id = text(of: record).flatMap({ pid_t($0.filter(\.isNumber)) }), id > 1 else { return }
        let isOurs = text(of: "/proc/\(id)/cmdline")?.hasPrefix(program) ?? false
        if isOurs && text(of: "/proc/\(id)/environ")?.contains("TGT_IPC_SOCKET=\(socket)") ?? false {
            kill(id, SIGKILL)
            while kill(id, 0) == 0 { usleep(10_000) }
        }
        unlink(record)
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
