import Testing

@testable import HostKit

@Suite("Live lines")
struct LiveLinesTests {
    @Test("what is printed stays above the live lines, which come again below it")
    func above() {
        let console = CapturedConsole(isTerminal: true, width: 40)
        console.console.show(live: [])
        #expect(console.errors == "")
        let screen = console.console
        screen.show(live: ["a 1 %", "b 2 %"])
        screen.warn("careful")
        screen.show(live: [])
        #expect(
            console.errors
                == "a 1 %\nb 2 %\n" + "\u{1B}[2A\u{1B}[Jwarning: careful\na 1 %\nb 2 %\n" + "\u{1B}[2A\u{1B}[J")
    }

    @Test("a live line is cut to the terminal's width, or erasing would miss a part of it")
    func width() {
        let console = CapturedConsole(isTerminal: true, width: 40)
        console.console.show(live: [String(repeating: "x", count: 100)])
        #expect(console.errors.count == 40)
    }
}
