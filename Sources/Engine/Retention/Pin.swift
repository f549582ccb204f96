/// Says that a restore point is to stay whatever the rules say: the content of `pins/<restore point>`.
///
/// That the object is there is what counts; one whose content is damaged pins as well.
package struct Pin: Codable, Sendable, Equatable {
    package let restorePoint: RestorePointID
    /// When it was pinned.
    package let created: Timestamp
    /// Why, in the administrator's words.
    package let note: String?

    /// Characters of a note.
    package static let noteLimit = 500

    package init(restorePoint: RestorePointID, created: Timestamp, note: String?) {
        self.restorePoint = restorePoint
        self.created = created
        self.note = note
    }
}
