/// A restore point whose manifest is there but cannot be read.
package struct UnreadablePoint: Error {
    package let point: StoredPoint
    package let error: EngineError

    package init(point: StoredPoint, error: EngineError) {
        self.point = point
        self.error = error
    }
}
