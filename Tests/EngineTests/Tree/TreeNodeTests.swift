import Testing

@testable import Engine

@Suite("Tree nodes")
struct TreeNodeTests {
    private let chunk = Digest(words: (1, 2, 3, 4))

    private func read(_ bytes: [UInt8]) throws(EngineError) -> TreeNode {
        try TreeNode(parsing: bytes.span.bytes, id: chunk)
    }

    @Test("a leaf survives being written and read")
    func leaf() throws {
        let node = TreeNode.leaf([
            TreeNode.Extent(start: 0, units: 16, skip: 0, chunk: chunk),
            TreeNode.Extent(start: 1000, units: 24, skip: 3, chunk: chunk),
        ])
        #expect(try read(node.encoded()) == node)
        #expect(node.usedBytes == 40 * 4096)
    }

    @Test("an inner node survives being written and read")
    func inner() throws {
        let node = TreeNode.inner(
            level: 2,
            [0, 5, 255].map { TreeNode.Child(index: $0, node: NodeReference(id: chunk, usedBytes: 4096)) })
        #expect(try read(node.encoded()) == node)
    }

    @Test("any cut and any changed header byte is refused or gives a valid node, and never traps")
    func hostileBytes() {
        let bytes = TreeNode.leaf([TreeNode.Extent(start: 1, units: 2, skip: 0, chunk: chunk)]).encoded()
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            #expect(throws: EngineError.self) { try read(cut) }
        }
        for index in 0..<16 {
            for value in [0, 1, 127, 255] as [UInt8] {
                var changed = bytes
                changed[index] = value
                _ = try? read(changed)
            }
        }
    }

    @Test("a tree is as high as the disk needs")
    func heights() {
        #expect(TreeShape(size: 512).height == 1)
        #expect(TreeShape(size: 4 << 20).height == 1)
        #expect(TreeShape(size: (4 << 20) + 512).height == 2)
        #expect(TreeShape(size: 1 << 30).height == 2)
        #expect(TreeShape(size: (1 << 30) + 512).height == 3)
        #expect(TreeShape(size: 64 << 40).height == 4)
        #expect(TreeShape(size: 0).leafCount == 0)
    }
}
