import Engine

/// Cuts a stream of bytes into parts and sends several of them at once. One task uses it at a time.
///
/// Memory: the parts in flight, of which there are few and one alone when they are large, and the one that is being
/// filled. A part that did not arrive stays and is sent again by the next call, so that each call may be repeated.
final class PartStream<Place: PartPlace> {
    private struct Flight {
        let part: UploadPart
        /// Whether the part's buffer is the stream's own, and may be filled again.
        let isOurs: Bool
        /// Nil after it failed.
        var task: Task<Result<Place.Receipt, EngineError>, Never>?
    }

    /// Bytes in flight, unless one part alone has more.
    private static var mostBytes: Int { 256 << 20 }

    private let place: Place
    private let sizes: PartSizes
    private let what: String
    private let atOnce: Int
    private var flights: [Flight] = []
    private var receipts: [Place.Receipt] = []
    private var filling: Buffer?
    private var spare: Buffer?
    /// Bytes of the `append` under way that were taken by the attempts so far.
    private var taken = 0
    /// Bytes in parts that were sent, arrived or not.
    private var sent = 0
    /// Whether the place was told that parts will come.
    private(set) var isBegun = false

    /// - Parameters:
    ///   - what: what is done to which object, for messages.
    ///   - atOnce: how many parts may be in flight at most.
    init(to place: Place, _ sizes: PartSizes, what: String, atOnce: Int) {
        self.place = place
        self.what = what
        self.sizes = sizes
        self.atOnce = max(1, atOnce)
    }

    /// Bytes so far.
    var count: Int { sent + (filling?.count ?? 0) }

    /// What was appended and not sent yet: all of it while nothing is begun. Nil for nothing.
    var unsent: Buffer? { filling }

    /// Copies bytes. A part is sent when it is full and more comes.
    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        while taken < range.count {
            let space = try await spaceToFill()
            let start = range.lowerBound + taken
            let piece = start..<min(start + space.room, range.upperBound)
            buffer.withBytes(piece) { space.append($0) }
            taken += piece.count
        }
        taken = 0
    }

    /// Sends bytes from where they lie. They must not change before `finish` or `stop` has returned.
    func lend(_ content: Buffer) async throws(EngineError) {
        var start = 0
        while start < content.count {
            let part = start..<min(start + sizes.size(of: number), content.count)
            try await send(content, part, isOurs: false)
            start = part.upperBound
        }
    }

    /// Sends the rest and waits until all parts have arrived. Returns what each left, in their order.
    func finish() async throws(EngineError) -> [Place.Receipt] {
        if let buffer = filling, buffer.count > 0 {
            try await send(buffer, 0..<buffer.count, isOurs: true)
            filling = nil
        }
        while !flights.isEmpty { try await land() }
        return receipts
    }

    /// Ends what is in flight. Nothing can be sent afterwards.
    func stop() async {
        for flight in flights { flight.task?.cancel() }
        for flight in flights { _ = await flight.task?.value }
        flights = []
        filling = nil
        spare = nil
    }

    /// Of the next part.
    private var number: Int { receipts.count + flights.count + 1 }

    private func spaceToFill() async throws(EngineError) -> Buffer {
        if let buffer = filling {
            if buffer.room > 0 { return buffer }
            try await send(buffer, 0..<buffer.count, isOurs: true)
            filling = nil
        }
        let size = sizes.size(of: number)
        let buffer = spare?.capacity == size ? spare : nil
        spare = nil
        let empty = buffer ?? Buffer(capacity: size)
        empty.removeAll()
        filling = empty
        return empty
    }

    private func send(_ content: Buffer, _ range: Range<Int>, isOurs: Bool) async throws(EngineError) {
        guard number <= sizes.most else {
            throw EngineError(
                .unsupported,
                "cannot \(what): it is too large, \(sizes.most) parts hold \(sent) bytes; set a larger `partSize`")
        }
        if !isBegun {
            try await place.begin()
            isBegun = true
        }
        while !flights.isEmpty, flights.count >= atOnce || flying + range.count > Self.mostBytes { try await land() }
        let part = UploadPart(number: number, offset: sent, content: content, range: range)
        flights.append(Flight(part: part, isOurs: isOurs, task: start(part)))
        sent += range.count
    }

    private var flying: Int { flights.reduce(0) { $0 + $1.part.range.count } }

    private func start(_ part: UploadPart) -> Task<Result<Place.Receipt, EngineError>, Never> {
        let place = place
        return Task.detached(executorPreference: BlockingThreads.shared) {
            do throws(EngineError) {
                return .success(try await place.put(part))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Waits for the oldest part in flight.
    private func land() async throws(EngineError) {
        let task = flights[0].task ?? start(flights[0].part)
        flights[0].task = task
        let outcome = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        do throws(EngineError) {
            receipts.append(try outcome.get())
        } catch {
            flights[0].task = nil
            throw error
        }
        let landed = flights.removeFirst()
        if landed.isOurs { spare = landed.part.content }
    }
}
