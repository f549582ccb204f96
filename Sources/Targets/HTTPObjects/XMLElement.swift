/// An element of a reply in XML: its local name, its text, and the elements in it.
package struct XMLElement: Sendable, Equatable {
    package let name: String
    /// Without the prefixes of namespaces.
    package let attributes: [String: String]
    /// All text directly in the element, entities resolved.
    package let text: String
    package let children: [XMLElement]

    /// The first element of this name directly in it.
    package func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text of the first element of this name.
    package func text(of name: String) -> String? { first(name)?.text }
}
