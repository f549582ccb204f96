/// Which objects may be answered from a copy although the target is not asked.
///
/// | objects | kept | why |
/// | --- | --- | --- |
/// | `packs/m/` | yes | Names are random and never used again, every blob is compared with its id: a copy is right for ever, also of a pack that somebody has deleted since. |
/// | `index/` | yes | The same of names. They are only read after a fresh listing has named them; a run that is deleted between listing and reading is one that could as well have been read a moment before. |
/// | `manifests/` | no | A manifest *is* the restore point: a copy would bring a deleted one back, whose packs a prune may have taken. The catalog keeps what lists need. |
/// | `config`, `keys/` | no | `config` says which repository lies here, and tells the copies of one from those of another that was made in its place. A removed key must open nothing. |
/// | `sessions/`, `gc/`, `pins/`, `damage/` | no | They say what is true now. |
/// | `packs/d/`, `parity/` | no | Too large, and read once. |
struct CacheRules: Sendable {
    /// Whether an object's bytes may be kept.
    var keeps: @Sendable (ObjectKey) -> Bool = { key in
        key.text.hasPrefix(ObjectLayout.index) || ObjectLayout.parsePack(key)?.kind == .metadata
    }
    /// The object whose bytes name the repository: nothing is kept before it has passed. Nil: the place is name enough.
    var identity: ObjectKey? = ObjectLayout.configuration
    /// Bytes of the largest object that is kept.
    var largest = 64 << 20
    /// Parts of an object that were read, in bytes, above which it is worth asking how large it is.
    var worthAsking = 256 << 10
}
