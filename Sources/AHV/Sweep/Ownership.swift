import Engine

/// How temporary things on a cluster are named, so that their owner is known: the proxy, the run, and what they are for.
struct Ownership: Sendable {
    /// The proxy's identity in letters, digits and dashes.
    let proxy: String

    init(proxy identity: String) {
        let letters = identity.utf8.map { unit -> UInt8 in
            let isPlain = (0x41...0x5a).contains(unit) || (0x61...0x7a).contains(unit) || (0x30...0x39).contains(unit)
            return isPlain ? unit : UInt8(ascii: "-")
        }
        let text = String(decoding: letters.prefix(60), as: UTF8.self)
        proxy = text.isEmpty ? "proxy" : text
    }

    private var prefix: String { "ahvault-\(proxy)-" }

    /// A name that no other thing has. A run's name is `<repository>-<random>`.
    func name(run: String, label: String) -> String {
        let plain = label.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_") }
        return "\(prefix)\(run)-\(RandomText.uuid().prefix(8))-\(plain.prefix(80))"
    }

    /// What the names of all things start with that were made for a repository.
    func prefix(repository: String) -> String { "\(prefix)\(repository)-" }

    /// Whether a thing of this name was left behind by a run for that repository that is no longer alive.
    func isOrphan(_ name: String, _ request: SweepRequest) -> Bool {
        let start = prefix(repository: request.repository)
        guard name.hasPrefix(start) else { return false }
        let random = name.dropFirst(start.count).prefix { $0 != "-" }
        return !random.isEmpty && !request.isRunning("\(request.repository)-\(random)")
    }
}
