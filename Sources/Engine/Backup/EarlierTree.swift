/// A disk as an earlier restore point has it: where to cut, so that what is still there gets the ids it has.
///
/// For an increment it is also what stays where nothing changed. A full only takes it as a hint: when it cannot be
/// read, the disk is cut as if it were new.
struct EarlierTree: Sendable {
    let root: NodeReference
    /// Of the disk as it was then; its size may have changed since.
    let shape: TreeShape

    init?(_ disk: Manifest.Disk?) {
        guard let disk, let root = disk.root else { return nil }
        self.root = root
        shape = disk.shape
    }
}
