/// Where the objects of a repository are kept.
///
/// All are immutable and created once. Names of packs and runs are random, so that no writer ever meets another's.
package enum ObjectLayout {
    package static let configuration = ObjectKey(trusted: "config")
    package static let keys = "keys/"
    package static let packs = "packs/"
    package static let index = "index/"
    package static let manifests = "manifests/"
    package static let parity = "parity/"
    package static let damage = "damage/"
    package static let sessions = "sessions/"
    package static let condemnations = "gc/"
    package static let pins = "pins/"

    package static func pack(_ id: PackID, _ kind: PackKind) -> ObjectKey {
        let name = id.description
        return ObjectKey(trusted: "\(packs)\(letter(kind))/\(name.prefix(2))/\(name)")
    }

    /// A key slot.
    /// - Parameter id: 16 hexadecimal digits.
    package static func key(_ id: String) -> ObjectKey { ObjectKey(trusted: keys + id) }

    package static func index(_ name: String) -> ObjectKey { ObjectKey(trusted: index + name) }

    /// - Parameter folder: of the VM, see `ContentIdentity`.
    package static func manifest(_ id: RestorePointID, folder: String) -> ObjectKey {
        ObjectKey(trusted: "\(manifests)\(folder)/\(id)")
    }

    /// Prefix of all objects of a session.
    package static func session(_ id: SessionID) -> String { "\(sessions)\(id)-" }

    package static func session(_ id: SessionID, _ number: Int) -> ObjectKey {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 8 - digits.count))
        return ObjectKey(trusted: session(id) + padding + digits)
    }

    package static func pin(_ id: RestorePointID) -> ObjectKey { ObjectKey(trusted: "\(pins)\(id)") }

    package static func condemnation(_ name: String) -> ObjectKey { ObjectKey(trusted: condemnations + name) }

    /// The parity of a pack.
    package static func parity(_ id: PackID) -> ObjectKey {
        let name = id.description
        return ObjectKey(trusted: "\(parity)\(name.prefix(2))/\(name)")
    }

    /// The pack that a listed parity object belongs to, nil for an object that is none.
    package static func parseParity(_ key: ObjectKey) -> PackID? {
        let parts = key.text.split(separator: "/")
        guard parts.count == 3, let id = PackID(String(parts[2])), parity(id) == key else { return nil }
        return id
    }

    package static func damage(_ name: String) -> ObjectKey { ObjectKey(trusted: damage + name) }

    /// What a listed pack is, nil for an object that is no pack.
    package static func parsePack(_ key: ObjectKey) -> (id: PackID, kind: PackKind)? {
        guard let id = PackID(key.lastPart) else { return nil }
        return PackKind.allCases.first { key.text.hasPrefix("\(packs)\(letter($0))/") }.map { (id, $0) }
    }

    private static func letter(_ kind: PackKind) -> String {
        switch kind {
        case .data: "d"
        case .metadata: "m"
        }
    }
}
