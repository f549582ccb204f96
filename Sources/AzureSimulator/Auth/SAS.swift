/// A shared access signature, as the query of a request carries it.
struct SAS: Sendable {
    let fields: [String: String]

    subscript(_ name: String) -> String { fields[name] ?? "" }

    var isAccount: Bool { fields["ss"] != nil || fields["srt"] != nil }
    var isDelegation: Bool { fields["skoid"] != nil }

    init(_ call: Call) { fields = Dictionary(call.query.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }

    init(_ fields: [String: String]) { self.fields = fields }

    /// What an account SAS is a signature of.
    func accountText(account: String) -> String {
        var lines = [account, self["sp"], self["ss"], self["srt"], self["st"], self["se"], self["sip"], self["spr"]]
        lines.append(self["sv"])
        if self["sv"] >= "2020-12-06" { lines.append(self["ses"]) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a service SAS is a signature of.
    ///
    /// - Parameter resource: `/blob/account/container`, or with the blob's name.
    func serviceText(resource: String) -> String {
        var lines = [self["sp"], self["st"], self["se"], resource, self["si"], self["sip"], self["spr"], self["sv"]]
        lines += [self["sr"], self["snapshot"]]
        if self["sv"] >= "2020-12-06" { lines.append(self["ses"]) }
        return (lines + answerFields).joined(separator: "\n")
    }

    /// What a user delegation SAS is a signature of.
    func delegationText(resource: String) -> String {
        var lines = [self["sp"], self["st"], self["se"], resource, self["skoid"], self["sktid"], self["skt"]]
        lines += [self["ske"], self["sks"], self["skv"], self["saoid"], self["suoid"], self["scid"]]
        if self["sv"] >= "2025-07-05" { lines += [self["skdutid"], self["sduoid"]] }
        lines += [self["sip"], self["spr"], self["sv"], self["sr"], self["snapshot"]]
        if self["sv"] >= "2020-12-06" { lines.append(self["ses"]) }
        if self["sv"] >= "2026-04-06" { lines += ["", ""] }
        return (lines + answerFields).joined(separator: "\n")
    }

    private var answerFields: [String] { [self["rscc"], self["rscd"], self["rsce"], self["rscl"], self["rsct"]] }

    /// Fields of the answer that the signature replaces.
    var replacedFields: [(name: String, value: String)] {
        let names = [
            ("rscc", "Cache-Control"), ("rscd", "Content-Disposition"), ("rsce", "Content-Encoding"),
            ("rscl", "Content-Language"), ("rsct", "Content-Type"),
        ]
        return names.compactMap { name, field in fields[name].map { (field, $0) } }
    }
}
