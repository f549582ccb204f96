import AzureSimulator
import Engine
import FoundationEssentials
import Wire

/// Looks at what is in the simulated Azure by requests of its own: it shares nothing with the client but HTTP.
struct Witness: Sendable {
    private let lab: AzureLab
    private let http = HTTPClient(trust: .systemAuthorities)
    private let token: String

    static let group = "/subscriptions/\(CloudSettings().subscription)/resourceGroups/vms"

    init(_ lab: AzureLab) async throws {
        self.lab = lab
        let form = [
            "grant_type=client_credentials", "client_id=app", "client_secret=correct%26horse%20battery%2Bstaple",
            "scope=https%3A%2F%2Fmanagement.azure.com%2F.default",
        ].joined(separator: "&")
        let reply = try await http.send(
            HTTPRequest(
                method: "POST", url: lab.origin + "/\(AzureSettings().tenant)/oauth2/v2.0/token",
                headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")], body: Array(form.utf8)))
        guard let text = try JSONValue(parsing: reply.body)["access_token"]?.string else {
            throw TestFailure(reason: String(decoding: reply.body, as: UTF8.self))
        }
        token = text
    }

    /// One request to Azure Resource Manager.
    func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> (
        status: Int, json: JSONValue, reply: HTTPReply
    ) {
        let url =
            path.hasPrefix("http")
            ? path : lab.origin + path + (path.contains("?") ? "&" : "?") + "api-version=2024-07-01"
        let reply = try await http.send(
            HTTPRequest(
                method: method, url: url,
                headers: [
                    HTTPHeader("Authorization", "Bearer \(token)"), HTTPHeader("Content-Type", "application/json"),
                ], body: body?.text ?? []))
        return (reply.status, reply.body.isEmpty ? .null : try JSONValue(parsing: reply.body), reply)
    }

    /// One request, and questions until its operation has ended.
    @discardableResult
    func done(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let first = try await call(method, path, body)
        guard first.status < 300 else { throw TestFailure(reason: String(decoding: first.json.text, as: UTF8.self)) }
        guard let url = first.reply.value(of: "Azure-AsyncOperation") ?? first.reply.value(of: "Location") else {
            return first.json
        }
        for _ in 0..<20 {
            let next = try await call("GET", url)
            if next.json["status"]?.string != "InProgress", next.status != 202 { return next.json }
        }
        throw TestFailure(reason: "the operation does not end")
    }

    /// A resource of the group; nil when it is not there.
    func resource(_ path: String) async throws -> JSONValue? {
        let answer = try await call("GET", "\(Self.group)/providers/Microsoft.\(path)")
        return answer.status == 200 ? answer.json : nil
    }

    /// Types and names of everything in the group.
    func names() async throws -> Set<String> {
        let answer = try await call("GET", "\(Self.group)/resources")
        return Set(
            answer.json["value"]?.array.map {
                ($0["type"]?.string?.split(separator: "/").last.map(String.init) ?? "") + " "
                    + ($0["name"]?.string ?? "")
            } ?? [])
    }

    // MARK: Bytes

    /// An address that a disk can be read at.
    func address(of disk: String) async throws -> String {
        let json = try await done(
            "POST", "\(Self.group)/providers/Microsoft.Compute/disks/\(disk)/beginGetAccess",
            ["access": "Read", "durationInSeconds": 3600])
        guard let url = json["properties"]?["output"]?["accessSAS"]?.string else {
            throw TestFailure(reason: String(decoding: json.text, as: UTF8.self))
        }
        return url
    }

    func end(_ disk: String) async throws {
        try await done("POST", "\(Self.group)/providers/Microsoft.Compute/disks/\(disk)/endGetAccess")
    }

    /// Bytes at a signed address.
    func read(_ address: String, _ range: ByteRange) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var start = range.start
        while start < range.end {
            let end = min(range.end, start + 16 << 20)
            let reply = try await http.send(
                HTTPRequest(
                    method: "GET", url: address,
                    headers: [
                        HTTPHeader("x-ms-version", "2021-12-02"), HTTPHeader("x-ms-range", "bytes=\(start)-\(end - 1)"),
                    ]))
            guard reply.status == 206 || reply.status == 200 else {
                throw TestFailure(reason: "\(reply.status) " + String(decoding: reply.body, as: UTF8.self))
            }
            bytes += reply.body
            start = end
        }
        return bytes
    }

    /// A whole disk with its footer.
    func bytes(ofDisk disk: String, size: Int) async throws -> [UInt8] {
        let address = try await address(of: disk)
        let bytes = try await read(address, ByteRange(0, UInt64(size)))
        try await end(disk)
        return bytes
    }

    /// Bytes of all pages that a disk has, by the list of its pages.
    func pageBytes(_ address: String) async throws -> [ByteRange] {
        var ranges: [ByteRange] = []
        var marker = ""
        repeat {
            let reply = try await http.send(
                HTTPRequest(
                    method: "GET", url: address + "&comp=pagelist" + (marker.isEmpty ? "" : "&marker=\(marker)"),
                    headers: [HTTPHeader("x-ms-version", "2021-12-02")]))
            let text = String(decoding: reply.body, as: UTF8.self)
            for part in text.components(separatedBy: "<PageRange>").dropFirst() {
                guard let start = Self.number(part, "Start"), let end = Self.number(part, "End") else { continue }
                ranges.append(ByteRange(start, end + 1))
            }
            marker =
                text.components(separatedBy: "<NextMarker>").dropFirst().first
                .map { String($0.prefix { $0 != "<" }) } ?? ""
        } while !marker.isEmpty
        return ranges
    }

    private static func number(_ text: String, _ name: String) -> UInt64? {
        text.components(separatedBy: "<\(name)>").dropFirst().first.flatMap { UInt64($0.prefix { $0 != "<" }) }
    }
}
