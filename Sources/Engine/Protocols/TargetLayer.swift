/// Something that lies around a target and passes its calls on: retries, limits, a cache, a drill. A configuration
/// names layers in a list, and each is one folder and one line as other plug-ins are.
///
/// What comes out is a target again. It keeps every promise of `Target` that the one inside keeps, unless its summary
/// says which one it breaks, as `read-only` and the drills do.
public protocol TargetLayer: Plugin {
    /// Whether it makes a target worse on purpose. A program warns while such a layer is in use.
    var isDrill: Bool { get }

    /// Whether a `get` may be answered without asking the target. Such a layer is left out where the objects at the
    /// target themselves are looked at: checks and repairs.
    var keepsCopies: Bool { get }

    /// `target` with this layer around it, not opened.
    /// - Parameter place: names the place that the target keeps its objects at: the same text from run to run, another
    ///   one for every other place, and no secret in it.
    func around(_ target: any Target, at place: String) -> any Target
}

extension TargetLayer {
    public var isDrill: Bool { false }
    public var keepsCopies: Bool { false }
}
