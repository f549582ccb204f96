/// What counts of references are of.
struct ReferenceHead: Sendable, Equatable {
    /// The repository's id.
    let repository: String
    /// When everything was counted from nothing, by the clock of this machine.
    let counted: Timestamp
    let points: [CountedPoint]

    init(repository: String, counted: Timestamp, points: [CountedPoint]) {
        self.repository = repository
        self.counted = counted
        self.points = points
    }

    /// - Throws: `.corrupt` for bytes that say something else.
    init(parsing bytes: [UInt8]) throws(EngineError) {
        var reader = ByteReader(bytes.span.bytes, what: "a file of counts")
        repository = try reader.readText()
        counted = Timestamp(milliseconds: try reader.read(Int64.self))
        var points: [CountedPoint] = []
        while reader.remaining > 0 { points.append(try Self.point(&reader)) }
        self.points = points
    }

    private static func point(_ reader: inout ByteReader) throws(EngineError) -> CountedPoint {
        let text = try reader.readText()
        guard let id = try? RestorePointID(text) else {
            throw EngineError(.corrupt, "`\(text)` is no restore point")
        }
        let size = Int(try reader.read(UInt32.self))
        var roots: [SessionRecord.Root] = []
        for _ in 0..<(try reader.read(UInt16.self)) {
            let root = try reader.readDigest()
            let level = try reader.read(UInt8.self)
            roots.append(SessionRecord.Root(id: root, level: level == Self.noLevel ? nil : Int(level)))
        }
        return CountedPoint(id: id, size: size, roots: roots)
    }

    private static let noLevel = UInt8.max

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(text: repository)
        writer.write(counted.milliseconds)
        for point in points {
            writer.write(text: point.id.text)
            writer.write(UInt32(point.size))
            writer.write(UInt16(point.roots.count))
            for root in point.roots {
                writer.write(root.id)
                writer.write(root.level.map(UInt8.init) ?? Self.noLevel)
            }
        }
        return writer.bytes
    }
}

extension ByteWriter {
    fileprivate mutating func write(text: String) {
        write(UInt16(text.utf8.count))
        write(Array(text.utf8))
    }
}

extension ByteReader {
    fileprivate mutating func readText() throws(EngineError) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<(try read(UInt16.self)) { bytes.append(try read(UInt8.self)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
