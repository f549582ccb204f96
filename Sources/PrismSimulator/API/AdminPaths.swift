/// The paths under `/simulator`, which no Prism has: they move the estate and set faults.
///
/// - `GET /simulator/state`, `GET /simulator/calls`, `GET /simulator/faults`
/// - `POST /simulator/faults` with one fault or a list of them, `DELETE /simulator/faults`
/// - `POST /simulator/vms/{vm}/disks/{disk}/write?offset=N` with the bytes as body
/// - `POST /simulator/vms/{vm}/disks/{disk}/zero?offset=N&length=N`
/// - `POST /simulator/vms/{vm}/disks/{disk}/grow?size=N`
///
/// VM and disk are ids, or the name of the VM and the address of the disk such as `scsi.0`.
extension World {
    func respond(toAdmin request: WebRequest) async -> WebResponse {
        do {
            return .json(200, try await adminAnswer(request))
        } catch let error as APIError {
            return Envelope(route: nil, request: request, minor: 0, settings: settings).response(error)
        } catch {
            return .json(400, ["error": .string("\(error)")])
        }
    }

    private func adminAnswer(_ request: WebRequest) async throws -> JSONValue {
        let path = request.path.dropFirst()
        switch (request.method, Array(path.prefix(1)), path.count) {
        case ("GET", ["state"], 1): return summary()
        case ("GET", ["calls"], 1): return .object(calls.mapValues(JSONValue.int))
        case ("GET", ["faults"], 1): return .array(faults.faults.map(\.json))
        case ("DELETE", ["faults"], 1):
            clearFaults()
            return [:]
        case ("POST", ["faults"], 1):
            let body = try JSONValue.parse(request.body)
            let list = body.elements.isEmpty ? [body] : body.elements
            for fault in try list.map(Fault.read) { await apply(fault) }
            return ["set": .int(list.count)]
        case ("POST", ["vms"], 5) where request.path.count == 6 && request.path[3] == "disks":
            return try await guestAnswer(request)
        default: throw APIError.notFound("admin path", request.rawPath)
        }
    }

    private func guestAnswer(_ request: WebRequest) async throws -> JSONValue {
        let (vm, disk) = (request.path[2], request.path[4])
        func number(_ name: String) throws(APIError) -> Int {
            guard let value = request.query[name].flatMap(Int.init), value >= 0 else {
                throw .query(name, "a number is needed")
            }
            return value
        }
        switch request.path[5] {
        case "write":
            try await guestWrites(vm, disk, at: number("offset"), request.body, count: request.body.count)
        case "zero": try await guestWrites(vm, disk, at: number("offset"), nil, count: number("length"))
        case "grow": try await guestDiskGrows(vm, disk, to: number("size"))
        default: throw APIError.notFound("admin path", request.rawPath)
        }
        return [:]
    }
}

extension Fault {
    /// The fault as the admin path shows it.
    var json: JSONValue {
        JSONValue.object([
            "operation": .string(operation), "from": .int(first), "to": last == .max ? .null : .int(last),
            "status": .optional(status), "after": .bool(after), "task": .optional(task?.rawValue),
            "seen": .int(seen),
        ]).withoutNulls
    }
}
