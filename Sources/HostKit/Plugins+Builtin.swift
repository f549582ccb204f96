import AHV
import Codecs
public import Engine
import ImageFiles
import Targets

extension Plugins {
    /// Every plug-in of this build: the one place where they come together. Programs of others start from it.
    public static let builtin: Plugins = {
        var plugins = Plugins(
            sources: .builtin, targets: .builtin, codecs: .builtin, indexes: .builtin,
            images: .builtin)
        plugins.parity = ReedSolomon()
        return plugins
    }()
}

extension Registry where Product == any Source {
    /// Every source of this build. A new source adds one line here.
    static let builtin = Registry([
        AHVSource.self,
        ImageFilesSource.self,
    ])
}
