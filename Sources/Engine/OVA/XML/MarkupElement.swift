/// An element of an XML document.
package struct MarkupElement: Sendable, Equatable {
    package struct Attribute: Sendable, Equatable {
        /// Empty for an attribute without a prefix.
        package let namespace: String
        package let name: String
        package let value: String
    }

    package let namespace: String
    /// Without its prefix.
    package let name: String
    package let attributes: [Attribute]
    package var children: [MarkupElement] = []
    /// All text in it, that of its children left out.
    package var text = ""

    /// The value of an attribute, whatever its namespace.
    package subscript(attribute name: String) -> String? { attributes.first { $0.name == name }?.value }

    package func child(_ name: String) -> MarkupElement? { children.first { $0.name == name } }

    package func children(_ names: String...) -> [MarkupElement] { children.filter { names.contains($0.name) } }

    /// The text without blanks around it; nil when there is nothing else.
    package var trimmedText: String? {
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        let text = text.drop { blanks.contains($0) }
        let count = text.reversed().prefix { blanks.contains($0) }.count
        return text.isEmpty ? nil : String(text.dropLast(count))
    }
}
