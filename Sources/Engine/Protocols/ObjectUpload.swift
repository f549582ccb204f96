/// An object that is put piece by piece, because it is too large for one buffer or nobody knows its size beforehand.
/// Every sentence here has a case in `TargetContract`.
///
/// Nobody sees anything of it before it is whole: it appears in `finish`, or never. One task uses an upload at a time;
/// several uploads may be under way at once, also for one key. Whoever begins one ends it, by `finish` or `abandon`.
///
/// Crash story: what is left of an upload whose program died is never visible, and `Target.sweep` removes it.
public protocol ObjectUpload: Sendable {
    /// Adds the bytes of `range` behind those of earlier calls. The buffer may be changed when this returns, although
    /// the bytes may still be on their way: what becomes of them may be thrown by any later call.
    /// - Throws: `.noSpace`. After a failure that is retryable, this call with the same bytes may be tried again, which
    ///   adds them once; after any other only `abandon` is of use.
    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError)

    /// Makes an object of what was appended, if only of nothing. When this returns, a crash of the machine loses
    /// nothing. It may be tried again after a failure that is retryable, and does nothing once it has returned.
    /// - Throws: `.alreadyExists` when there is an object of that key, which stays as it is; `.noSpace`.
    func finish() async throws(EngineError)

    /// Gives the upload up and removes what is left of it, as far as that works at once. It does nothing after `finish`
    /// has returned, or when it is called again. Whether there is an object after a `finish` that failed retryably,
    /// only a look can tell.
    func abandon() async
}
