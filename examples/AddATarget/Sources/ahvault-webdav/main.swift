import Engine
import HostKit
import WebDAV

// The one line: everything that `ahvault` has, and a target more.
await AHVaultProgram.main(plugins: .builtin.adding(targets: [WebDAVTarget.self]))
