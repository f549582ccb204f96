extension String {
    /// The text with a `?` for each character that could steer a terminal: names on a cluster are anybody's choice.
    func printable(keepsLines: Bool = true) -> String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control: keepsLines && scalar == "\n" ? scalar : "?"
                    case .format, .lineSeparator, .paragraphSeparator: "?"
                    default: scalar
                    }
                }))
    }
}
