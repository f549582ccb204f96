extension Schema {
    /// Types of `common.v1` that several namespaces use.
    static let commonTypes =
        ObjectType.table(
            "common.v1.config",
            """
            IPv4Address: value prefixLength:#
            IPv6Address: value prefixLength:#
            FQDN: value
            IPAddress: ipv4:IPv4Address ipv6:IPv6Address
            IPAddressOrFQDN: ipv4:IPv4Address ipv6:IPv6Address fqdn:FQDN
            KVPair: name value:*
            Flag: name value:?
            EntityReference: extId entityType name uris:[]
            Message: code message locale severity
            """)
        + ObjectType.table(
            "common.v1.response",
            """
            ApiLink: href rel
            ApiResponseMetadata: flags:[common.v1.config.Flag] links:[ApiLink] totalAvailableResults:#
              messages:[common.v1.config.Message] extraInfo:[common.v1.config.KVPair]
            """)
}
