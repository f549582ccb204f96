/// Puts answers and errors into the form Prism gives them.
struct Envelope: Sendable {
    let route: Route?
    let request: WebRequest
    let minor: Int
    let settings: Settings

    private static let prefixes = [
        "vmm": "VMM", "dataprotection": "DP", "volumes": "VOL", "prism": "PLAT", "clustermgmt": "CLU",
        "networking": "NET",
    ]

    private var namespace: String { route?.namespace ?? "prism" }

    // MARK: Answers

    func response(_ answer: Answer) throws(APIError) -> WebResponse {
        switch answer {
        case .nothing: return WebResponse(status: 204)
        case .file(let bytes):
            return WebResponse(status: 200, headers: [("Content-Type", "application/octet-stream")], body: bytes)
        case .entity(let body, let etag):
            var response = json(200, data: dressed(body), links: [("self", path)])
            if let etag { response.headers.append(("ETag", etag)) }
            return response
        case .created(let body): return json(201, data: dressed(body), links: [("self", path)])
        case .object(let body, let link):
            return json(
                200, data: dressed(body), links: [("self", path)], extraLinks: link.map { [("content", $0)] } ?? [])
        case .task(let id):
            let reference = Schema.prism.dressed(
                ["extId": .string(id)], as: "prism.v4.config.TaskReference", minor: minor)
            return json(202, data: reference, links: [("self", "/api/prism/v4.0/config/tasks/\(id)")])
        case .regions(let regions, let extra):
            let data = regions.isEmpty ? nil : JSONValue.array(regions.map(dressed))
            return json(
                200, data: data, links: [("self", path)],
                extra: extra.map { ["name": .string($0.0), "value": $0.1] })
        case .list(let items, let fields): return try list(items, fields)
        }
    }

    private func list(_ items: [JSONValue], _ fields: [String]) throws(APIError) -> WebResponse {
        let page = try Page.of(items, fields: fields, query: request.query)
        func link(_ number: Int) -> String { "\(path)?$page=\(number)&$limit=\(page.limit)" }
        var links = [("self", link(page.number)), ("first", link(0)), ("last", link(page.lastNumber))]
        if !page.isLast { links.append(("next", link(page.number + 1))) }
        if page.number > 0 { links.append(("prev", link(page.number - 1))) }
        let hasData = !page.items.isEmpty || settings.emptyListHasData
        let extra: [JSONValue] = route?.operation == "listVMs" ? [["name": "truncatedIndexes"]] : []
        return json(
            200, data: hasData ? .array(page.items.map(dressed)) : nil, links: links, extra: extra, total: page.total,
            isList: true)
    }

    private var path: String { request.rawPath }

    private func dressed(_ body: JSONValue) -> JSONValue {
        Schema.prism.dressed(body, as: route?.data ?? "", minor: minor)
    }

    private func json(
        _ status: Int, data: JSONValue?, links: [(String, String)], extraLinks: [(String, String)] = [],
        extra: [JSONValue] = [], total: Int? = nil, isList: Bool = false, hasError: Bool = false
    ) -> WebResponse {
        var metadata: JSONValue = [
            "flags": [
                ["name": "hasError", "value": .bool(hasError)], ["name": "isPaginated", "value": .bool(isList)],
                ["name": "isTruncated", "value": false],
            ]
        ]
        let all = links.map { ($0.0, request.origin + $0.1) } + extraLinks
        if !all.isEmpty {
            metadata["links"] = .array(all.map { ["rel": .string($0.0), "href": .string($0.1)] })
        }
        if let total { metadata["totalAvailableResults"] = .int(total) }
        if !extra.isEmpty { metadata["extraInfo"] = .array(extra) }
        var body: JSONValue = [
            "metadata": Schema.prism.dressed(metadata, as: "common.v1.response.ApiResponseMetadata", minor: minor),
            "$reserved": ["$fv": .string("v4.r\(minor)")],
        ]
        if let data { body["data"] = data }
        if let route { body["$objectType"] = .string(route.envelope) }
        return .json(status, body)
    }

    // MARK: Errors

    func response(_ error: APIError) -> WebResponse {
        switch error.body {
        case .empty: return WebResponse(status: error.status)
        case .text(let text, let type):
            return WebResponse(status: error.status, headers: [("Content-Type", type)], body: Array(text.utf8))
        case .message(let code, let group, let text):
            let message: JSONValue = [
                "$objectType": .string("\(namespace).v4.error.AppMessage"),
                "$reserved": ["$fv": .string("v4.r\(minor)")], "message": .string(text), "severity": "ERROR",
                "code": .string(coded(code)), "locale": "en-US", "errorGroup": .string(group),
            ]
            return failure(error.status, .array([message]))
        case .schema(let violations, let location):
            return failure(error.status, schemaError(error.status, violations, location))
        }
    }

    private func failure(_ status: Int, _ error: JSONValue) -> WebResponse {
        let data: JSONValue = [
            "$objectType": .string("\(namespace).v4.error.ErrorResponse"),
            "$reserved": ["$fv": .string("v4.r\(minor)")], "error": error,
        ]
        return json(status, data: data, links: [], hasError: true)
    }

    private func schemaError(_ status: Int, _ violations: [Schema.Violation], _ location: String) -> JSONValue {
        [
            "$objectType": .string("\(namespace).v4.error.SchemaValidationError"),
            "$reserved": ["$fv": .string("v4.r\(minor)")], "timestamp": .string(Timestamp.now().text),
            "statusCode": .int(status), "error": "Bad Request", "path": .string(path),
            "validationErrorMessages": .array(
                violations.enumerated().map { index, violation in
                    var message: JSONValue = [
                        "location": .string(location), "message": .string(violation.message),
                        "attributePath": .string(violation.path),
                    ]
                    if index == 0 {
                        message["$objectType"] = .string("\(namespace).v4.error.SchemaValidationErrorMessage")
                    }
                    return message
                }),
        ]
    }

    /// Codes are written with `%` for the prefix of the namespace.
    private func coded(_ code: String) -> String {
        code.hasPrefix("%") ? (Self.prefixes[namespace] ?? "PLAT") + code.dropFirst() : code
    }
}
