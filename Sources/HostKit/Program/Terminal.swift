import Glibc

/// The terminal at which somebody may sit.
enum Terminal {
    /// Shows a question on stderr and reads one line from stdin; nil when either is no terminal, or at the input's end.
    static func ask(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        Console.standard.complain(question)
        return readLine()
    }
}
