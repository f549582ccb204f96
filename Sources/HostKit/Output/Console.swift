import Glibc
import Synchronization

/// Where a command's words go: results to stdout, everything about them to stderr.
struct Console: Sendable {
    private let output: @Sendable (String) -> Void
    private let errors: LiveLines
    /// Whether stderr is a terminal, on which a line can be written again.
    let isTerminal: Bool
    /// Columns of that terminal.
    let width: Int

    init(
        isTerminal: Bool = false, width: Int = 100,
        output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void
    ) {
        self.output = output
        self.errors = LiveLines(errors)
        self.isTerminal = isTerminal
        self.width = width
    }

    /// The process's own.
    static let standard = Console(
        isTerminal: isatty(STDERR_FILENO) == 1, width: terminalWidth(),
        output: { write($0, to: STDOUT_FILENO) }, errors: { write($0, to: STDERR_FILENO) })

    /// A line of results.
    func say(_ line: String) { output(line.hasSuffix("\n") ? line : line + "\n") }

    /// A line about what goes on.
    func note(_ line: String) { errors.print(line.printable() + "\n") }

    func warn(_ text: String) { errors.print("warning: \(text.printable())\n") }

    /// What failed, on what, what to do.
    func fail(_ text: String) { errors.print("ahvault: \(text.printable())\n") }

    /// Text that has its own form already, such as the usage of a command.
    func complain(_ text: String) { errors.print(text.hasSuffix("\n") ? text : text + "\n") }

    /// Lines at the terminal's lower end that are written again and again; none takes them away.
    func show(live lines: [String]) {
        errors.show(lines.map { String($0.printable(keepsLines: false).prefix(width - 1)) })
    }

    /// Whoever reads may have gone; that ends nobody's backup.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    private static func terminalWidth() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 100 }
        return Int(size.ws_col)
    }
}
