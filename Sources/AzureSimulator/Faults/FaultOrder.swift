#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `POST /_faults` takes: a fault, or an event, by names.
struct FaultOrder: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case operation, path, skip, count, status, code, retryAfter, isDone, seconds, cutRequest, cutAnswer, closes
        case listLimit, event, failsLater, message
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var fault = Fault()
    /// `expireTokens`, `expireAccess`, `clear` or `clearLog`.
    var event: String?

    init(from decoder: any Decoder) throws {
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where Keys(rawValue: key.stringValue) == nil {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: [], debugDescription: "no member \(key.stringValue): \(Keys.allCases.map(\.rawValue))"))
        }
        let values = try decoder.container(keyedBy: Keys.self)
        fault.operation = try values.decodeIfPresent(String.self, forKey: .operation) ?? "*"
        fault.path = try values.decodeIfPresent(String.self, forKey: .path)
        fault.skip = try values.decodeIfPresent(Int.self, forKey: .skip) ?? 0
        fault.count = try values.decodeIfPresent(Int.self, forKey: .count) ?? .max
        fault.status = try values.decodeIfPresent(Int.self, forKey: .status)
        fault.code = try values.decodeIfPresent(String.self, forKey: .code) ?? fault.code
        fault.retryAfter = try values.decodeIfPresent(Int.self, forKey: .retryAfter)
        fault.isDone = try values.decodeIfPresent(Bool.self, forKey: .isDone) ?? false
        fault.seconds = try values.decodeIfPresent(Double.self, forKey: .seconds) ?? 0
        fault.cutRequest = try values.decodeIfPresent(Int.self, forKey: .cutRequest)
        fault.cutAnswer = try values.decodeIfPresent(Int.self, forKey: .cutAnswer)
        fault.closes = try values.decodeIfPresent(Bool.self, forKey: .closes) ?? false
        fault.listLimit = try values.decodeIfPresent(Int.self, forKey: .listLimit)
        fault.failsLater = try values.decodeIfPresent(Bool.self, forKey: .failsLater) ?? false
        fault.message = try values.decodeIfPresent(String.self, forKey: .message)
        event = try values.decodeIfPresent(String.self, forKey: .event)
        guard
            fault.operation == "*" || Operation(rawValue: fault.operation) != nil
                || ManagementPath.operations.contains(fault.operation)
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [Keys.operation], debugDescription: "no operation \(fault.operation)"))
        }
    }
}

extension Front {
    /// The path of the control endpoint. No account can have this name.
    static let control = "_faults"

    /// `POST` sets a fault, `DELETE` takes all back, `GET` lists the requests so far.
    func answerControl(_ call: Call, _ body: [UInt8]) -> Answer {
        guard call["x-simulator-key"] == controlKey else {
            return .text(403, "the field x-simulator-key is not the simulator's\n", type: "text/plain")
        }
        switch call.method {
        case "GET": return records()
        case "DELETE":
            faults.clear()
            return Answer(status: 204)
        case "POST": return set(body)
        default: return Answer(status: 405)
        }
    }

    private func records() -> Answer {
        let lines = try? JSONEncoder().encode(log.all)
        return .text(200, String(decoding: lines ?? Data(), as: UTF8.self), type: "application/json")
    }

    private func set(_ body: [UInt8]) -> Answer {
        do {
            let order = try JSONDecoder().decode(FaultOrder.self, from: Data(body))
            switch order.event {
            case nil: faults.add(order.fault)
            case "expireTokens": faults.expireTokens()
            case "expireAccess": faults.expireAccess()
            case "clear": faults.clear()
            case "clearLog": log.clear()
            case let event?: return .text(400, "no event \(event)\n", type: "text/plain")
            }
            return Answer(status: 204)
        } catch {
            return .text(400, "\(error)\n", type: "text/plain")
        }
    }
}
