import Glibc

/// The terminal at which somebody may sit.
enum Terminal {
    /// Shows a question on stderr and reads one line from stdin; nil when either is no terminal, or at the input's end.
    static func ask(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        Console.standard.complain(question)
        return readLine()
    }

    /// As `ask`, and what is typed does not show.
    static func askSecret(_ question: String) -> String? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Console.standard.complain("")
        }
        return ask(question)
    }
}
