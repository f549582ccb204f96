import AHV
import Codecs
import Engine
import ImageFiles
import Targets

extension Plugins {
    /// Every plug-in of this build: the one place where they come together.
    static let builtin = Plugins(
        sources: Registry([]), targets: .builtin, codecs: .builtin, indexes: .builtin)
}
