/// One disk of a restore point that shall leave as an image.
package struct DiskExport: Sendable {
    package let disk: Manifest.Disk
    package let format: any ImageFormat
    /// What was chosen for the format, as text that is the same for the same choices.
    package let choices: String
    package let place: ExportPlace
    /// Whether files and content are digested.
    package var hasDigests = true

    package init(_ disk: Manifest.Disk, as format: any ImageFormat, choices: String, to place: ExportPlace) {
        self.disk = disk
        self.format = format
        self.choices = choices
        self.place = place
    }
}

/// Where an image goes.
package enum ExportPlace: Sendable {
    /// A file of this machine.
    /// - `replaces`: whether a file of that name gives way; `resumes`: whether to go on with an interrupted export.
    case file(String, replaces: Bool, resumes: Bool)
    /// An open descriptor: a pipe, or the program's output.
    case stream(Int32, name: String)
    /// An object of a target, which is open.
    case object(ObjectKey, any Target)
}
