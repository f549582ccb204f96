public import Engine

extension WebDAVTarget {
    public struct Settings: PluginSettings {
        let url: String
        let username: String?
        let password: Secret?
        let ca: String?
        let exclusiveMove: Bool
        let requests: UInt8

        public static let fields: [Field] = [
            .required("url", "the folder at the server, such as `https://dav.example/backup`; its parent must exist"),
            .optional("username", "the account, when the server asks for one"),
            .secret("password", "its password"),
            .optional("ca", "file of certificates to trust instead of the system's"),
            .defaulted(
                "exclusiveMove", "true", "whether the server never lets two writers move to one name; try it by a check"
            ),
            .defaulted("requests", "8", "how many requests may be in flight at once"),
        ]
    }
}
