extension Int {
    /// The number with its noun: `1 VM`, `3 restore points`.
    func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
