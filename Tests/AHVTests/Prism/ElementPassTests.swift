import Engine
import Testing
import Wire

@testable import AHV

@Suite("Passes to Prism Element")
struct ElementPassTests {
    private func pass(scope: JSONValue?, links: [String] = [], token: String? = nil) throws -> ElementPass {
        var claims: [String: JSONValue] = ["exp": 1]
        claims["scope"] = scope
        let payload = Base64.encode(JSONValue.object(claims).text).filter { $0 != "=" }
        let body: JSONValue = [
            "data": ["clusterIp": ["ipv4": ["value": "10.0.0.4"]], "jwtToken": .string(token ?? "e30.\(payload).x")],
            "metadata": ["links": .array(links.map { ["href": .string($0)] })],
        ]
        return try ElementPass(
            try PrismReply(HTTPReply(status: 200, headers: [], body: body.text), of: PrismCall(path: "/")))
    }

    @Test("the path is the one that the token was made for")
    func scope() throws {
        #expect(try pass(scope: "/api/dataprotection/v4.1/content").basePath == "/api/dataprotection/v4.1/content")
        let link = "https://10.0.0.4:9440/api/dataprotection/v4.2/content/recovery-points/x"
        #expect(try pass(scope: nil, links: [link]).basePath == "/api/dataprotection/v4.2/content")
        #expect(try pass(scope: nil).basePath == "/api/dataprotection/v4.0/content")
        #expect(try pass(scope: nil, token: "opaque").basePath == "/api/dataprotection/v4.0/content")
    }

    @Test(
        "a path of any other form is not followed",
        arguments: [
            "/api/../../x", "/api/vmm/v4.0/content", "/api/dataprotection/v4.0/content/x",
            "/api/dataprotection/v3.0/content", "//evil/",
        ])
    func strangeScope(path: String) throws {
        #expect(try pass(scope: .string(path)).basePath == "/api/dataprotection/v4.0/content")
    }

    @Test("a token that would break out of its header is refused", arguments: ["", "a b", "a\r\nX: y", "a;b"])
    func strangeToken(token: String) {
        #expect(throws: PrismError.self) { try pass(scope: nil, token: token) }
    }
}
