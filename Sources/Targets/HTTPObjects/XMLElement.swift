/// An element of a reply in XML: its local name, its text, and the elements in it.
struct XMLElement: Sendable, Equatable {
    let name: String
    /// Without the prefixes of namespaces.
    let attributes: [String: String]
    /// All text directly in the element, entities resolved.
    let text: String
    let children: [XMLElement]

    /// The first element of this name directly in it.
    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text of the first element of this name.
    func text(of name: String) -> String? { first(name)?.text }
}
