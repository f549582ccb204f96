import CISAL
package import Engine

/// Reed–Solomon parity by Intel's ISA-L.
package struct ReedSolomon: ParityCoder {
    package init() {}

    package func encode(_ pack: RawSpan, _ shape: ParityShape, into parity: Buffer) {
        let tables = Self.tables(rows: Array(Self.matrix(shape)[(shape.dataShards * shape.dataShards)...]), shape)
        parity.append(upTo: shape.parityShards * shape.shardSize) { space in
            pack.withUnsafeBytes { bytes in
                let whole = bytes.count / shape.shardSize
                let filled = Self.filled(bytes[(whole * shape.shardSize)...], shape)
                filled.withUnsafeBytes { filling in
                    let inputs = (0..<shape.dataShards).map { shard in
                        shard < whole
                            ? bytes.baseAddress.map { $0 + shard * shape.shardSize }
                            : filling.baseAddress.map { $0 + (shard == whole ? 0 : shape.shardSize) }
                    }
                    Self.multiply(tables, inputs, into: space, rows: shape.parityShards, shape)
                }
            }
            return space.count
        }
    }

    /// The shard in which the pack ends, filled up with zeros, and one of zeros alone.
    private static func filled(_ rest: Slice<UnsafeRawBufferPointer>, _ shape: ParityShape) -> [UInt8] {
        Array(rest) + [UInt8](repeating: 0, count: 2 * shape.shardSize - rest.count)
    }

    package func rebuild(_ missing: [Int], of shards: Buffer, _ shape: ParityShape) throws(EngineError) {
        let count = shape.dataShards
        guard missing.count <= shape.parityShards, Set(missing).count == missing.count,
            missing.allSatisfy({ 0..<shape.shards ~= $0 })
        else { throw EngineError(.failed, "\(missing.count) shards are missing, more than parity makes good") }
        let matrix = Self.matrix(shape)
        let used = Array((0..<shape.shards).filter { !missing.contains($0) }.prefix(count))
        var square = used.flatMap { matrix[($0 * count)..<(($0 + 1) * count)] }
        var inverse = [UInt8](repeating: 0, count: count * count)
        guard gf_invert_matrix(&square, &inverse, Int32(count)) == 0 else {
            throw EngineError(.bug, "the parity's matrix cannot be inverted")
        }
        let rows = missing.flatMap { Self.row(of: $0, inverse: inverse, matrix, shape) }
        let tables = Self.tables(rows: rows, shape)
        let made = Buffer(capacity: max(1, missing.count) * shape.shardSize)
        made.append(upTo: missing.count * shape.shardSize) { space in
            shards.withBytes { all in
                all.withUnsafeBytes { bytes in
                    let inputs = used.map { shard in bytes.baseAddress.map { $0 + shard * shape.shardSize } }
                    Self.multiply(tables, inputs, into: space, rows: missing.count, shape)
                }
            }
            return space.count
        }
        for (position, shard) in missing.enumerated() {
            made.withBytes((position * shape.shardSize)..<((position + 1) * shape.shardSize)) {
                shards.overwrite(at: shard * shape.shardSize, with: $0)
            }
        }
    }

    /// How a missing shard follows from those used: a row of the inverse for a data shard; for a parity shard its own
    /// row of the matrix times the inverse.
    private static func row(
        of shard: Int, inverse: [UInt8], _ matrix: [UInt8], _ shape: ParityShape
    ) -> [UInt8] {
        let count = shape.dataShards
        if shard < count { return Array(inverse[(shard * count)..<((shard + 1) * count)]) }
        return (0..<count).map { column in
            (0..<count).reduce(0) { sum, index in
                sum ^ gf_mul(matrix[shard * count + index], inverse[index * count + column])
            }
        }
    }

    /// Identity above, Cauchy below.
    private static func matrix(_ shape: ParityShape) -> [UInt8] {
        var matrix = [UInt8](repeating: 0, count: shape.shards * shape.dataShards)
        gf_gen_cauchy1_matrix(&matrix, Int32(shape.shards), Int32(shape.dataShards))
        return matrix
    }

    private static func tables(rows: [UInt8], _ shape: ParityShape) -> [UInt8] {
        var rows = rows
        let count = rows.count / shape.dataShards
        var tables = [UInt8](repeating: 0, count: max(1, 32 * shape.dataShards * count))
        ec_init_tables(Int32(shape.dataShards), Int32(count), &rows, &tables)
        return tables
    }

    private static func multiply(
        _ tables: [UInt8], _ inputs: [UnsafeRawPointer?], into space: UnsafeMutableRawBufferPointer, rows: Int,
        _ shape: ParityShape
    ) {
        var tables = tables
        var sources = inputs.map { $0.map { UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: UInt8.self)) } }
        var outputs = (0..<rows).map { row in
            space.baseAddress.map { ($0 + row * shape.shardSize).assumingMemoryBound(to: UInt8.self) }
        }
        ec_encode_data(
            Int32(shape.shardSize), Int32(shape.dataShards), Int32(rows), &tables, &sources, &outputs)
    }
}
