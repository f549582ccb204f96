import Testing

@testable import HostKit

@Suite("Tables")
struct TableTests {
    @Test("columns are as wide as their content, numbers to the right, nothing behind the last word")
    func columns() {
        var table = Table([.left("NAME"), .right("SIZE"), .left("ID")])
        table.add(["web", "1 B", "x"])
        table.add(["database", "100 MiB", ""])
        #expect(table.text == "NAME         SIZE  ID\nweb           1 B  x\ndatabase  100 MiB")
    }

    @Test("a cell stays on its line")
    func lineBreaks() {
        var table = Table([.left("NAME")])
        table.add(["a\nb\u{7}"])
        #expect(table.text == "NAME\na?b?")
    }
}
