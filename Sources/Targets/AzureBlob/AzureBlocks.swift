import Engine
import FoundationEssentials
import Wire

/// The blocks of a blob, and the list that makes a blob of them. Blocks that no list names are removed by the service a
/// week after the last one came.
struct AzureBlocks: PartPlace {
    let write: AzureWrite

    func begin() async throws(EngineError) {}

    /// Returns the block's id.
    func put(_ part: UploadPart) async throws(EngineError) -> String {
        let id = blockID(part.number - 1)
        var call = ObjectCall(
            method: "PUT", object: write.object, what: "\(write.what), block \(part.number)")
        call.query = [("comp", "block"), ("blockid", id)]
        call.headers = [HTTPHeader("Content-Type", "application/octet-stream")]
        call.body = CallBody(part.content, part.range)
        _ = try await write.transport.send(call)
        return id
    }

    /// - Parameters:
    ///   - count: bytes of all blocks.
    ///   - sum: their MD5 in base64, which the service keeps with the blob.
    ///   - isRepeated: whether it was asked for before and the answer was lost.
    /// - Returns: false when the blocks are gone and there is no blob.
    /// - Throws: `.alreadyExists` when another's blob is there.
    func commit(_ ids: [String], _ count: Int, sum: String, isRepeated: Bool) async throws(EngineError) -> Bool {
        var call = ObjectCall(method: "PUT", object: write.object, what: "complete to \(write.what)")
        let list = ids.map { "<Uncommitted>\($0)</Uncommitted>" }.joined()
        call.query = [("comp", "blocklist")]
        call.body = CallBody(
            Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>\(list)</BlockList>".utf8))
        call.headers = write.blobHeaders + [HTTPHeader("x-ms-blob-content-md5", sum)]
        let reply = try await write.transport.send(call, accepting: [400, 409, 412])
        guard !reply.http.isSuccess else { return true }
        return try await write.judge(reply, call, count, sum: reply.isRepeated || isRepeated ? sum : nil)
    }

    /// Ids of one blob have one length. They carry the write's mark, so that two writes do not mix their blocks.
    private func blockID(_ number: Int) -> String {
        let digits = String(number)
        let text = write.mark.text + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        return Data(text.utf8).base64EncodedString()
    }
}
