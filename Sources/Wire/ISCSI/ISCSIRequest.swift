import CISCSI

/// One SCSI command to one logical unit of a session.
enum ISCSIRequest: Sendable {
    case reportLUNs
    case readCapacity(lun: Int)
    case inquiry(lun: Int)
    /// A page of the vital product data.
    case productData(lun: Int, page: UInt8)
    case read(lun: Int, lba: UInt64, blockSize: Int, into: BorrowedMemory)
    case write(lun: Int, lba: UInt64, blockSize: Int, from: BorrowedMemory)
    case synchronizeCache(lun: Int)

    /// Most bytes that an answer without a buffer of the caller's may have.
    static let replyBytes = 16 << 10

    var isWrite: Bool {
        if case .write = self { true } else { false }
    }

    /// Whether the target must move exactly as many bytes as asked.
    var isExact: Bool {
        switch self {
        case .read, .write: true
        default: false
        }
    }

    /// The command in words, for messages.
    var name: String {
        switch self {
        case .reportLUNs: "REPORT LUNS"
        case .readCapacity(let lun): "READ CAPACITY on LUN \(lun)"
        case .inquiry(let lun): "INQUIRY on LUN \(lun)"
        case .productData(let lun, let page): "INQUIRY of page \(page) on LUN \(lun)"
        case .read(let lun, let lba, _, let memory): "READ of \(memory.count) bytes at block \(lba) of LUN \(lun)"
        case .write(let lun, let lba, _, let memory): "WRITE of \(memory.count) bytes at block \(lba) of LUN \(lun)"
        case .synchronizeCache(let lun): "SYNCHRONIZE CACHE on LUN \(lun)"
        }
    }

    /// Queues the command. `done` is called with `context` once it has ended.
    /// - Returns: the task, which the caller frees, or nil if the session cannot take it.
    func start(
        _ session: OpaquePointer, _ done: iscsi_command_cb, _ context: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<scsi_task>? {
        switch self {
        case .reportLUNs:
            return iscsi_reportluns_task(session, 0, Int32(Self.replyBytes), done, context)
        case .readCapacity(let lun):
            return iscsi_readcapacity16_task(session, Int32(lun), done, context)
        case .inquiry(let lun):
            return iscsi_inquiry_task(session, Int32(lun), 0, 0, 64, done, context)
        case .productData(let lun, let page):
            return iscsi_inquiry_task(session, Int32(lun), 1, Int32(page), 255, done, context)
        case .synchronizeCache(let lun):
            return iscsi_synchronizecache16_task(session, Int32(lun), 0, 0, 0, 0, done, context)
        case .read(let lun, let lba, let blockSize, let memory):
            let task = iscsi_read16_task(
                session, Int32(lun), lba, UInt32(memory.count), Int32(blockSize), 0, 0, 0, 0, 0, done, context)
            if let task { scsi_task_add_data_in_buffer(task, Int32(memory.count), memory.bytes) }
            return task
        case .write(let lun, let lba, let blockSize, let memory):
            return iscsi_write16_task(
                session, Int32(lun), lba, memory.bytes, UInt32(memory.count), Int32(blockSize), 0, 0, 0, 0, 0, done,
                context)
        }
    }
}

/// Memory of a caller that waits: lent to a session's thread from submission to completion of one command.
// Proof of @unchecked Sendable: the lender is suspended until the command has ended, so one thread at a time touches it.
struct BorrowedMemory: @unchecked Sendable {
    let bytes: UnsafeMutablePointer<UInt8>
    let count: Int

    /// - Throws: `configuration` if the memory is empty, longer than `limit`, or not whole blocks.
    init(_ memory: UnsafeMutableRawBufferPointer, blockSize: Int, limit: Int) throws(WireError) {
        guard let start = memory.baseAddress, blockSize > 0, memory.count % blockSize == 0, memory.count <= limit else {
            throw WireError(
                .configuration,
                "a transfer of \(memory.count) bytes is not a number of \(blockSize)-byte blocks up to \(limit) bytes")
        }
        bytes = start.assumingMemoryBound(to: UInt8.self)
        count = memory.count
    }
}
