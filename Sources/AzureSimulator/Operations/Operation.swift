/// What a request asks for, named as Azure's logs name it.
enum Operation: String, Sendable, CaseIterable {
    case listContainers = "ListContainers"
    case getAccountInformation = "GetAccountInformation"
    case getUserDelegationKey = "GetUserDelegationKey"
    case createContainer = "CreateContainer"
    case deleteContainer = "DeleteContainer"
    case getContainerProperties = "GetContainerProperties"
    case listBlobs = "ListBlobs"
    case putBlob = "PutBlob"
    case getBlob = "GetBlob"
    case getBlobProperties = "GetBlobProperties"
    case setBlobProperties = "SetBlobProperties"
    case getBlobMetadata = "GetBlobMetadata"
    case setBlobMetadata = "SetBlobMetadata"
    case deleteBlob = "DeleteBlob"
    case leaseBlob = "LeaseBlob"
    case putBlock = "PutBlock"
    case putBlockList = "PutBlockList"
    case getBlockList = "GetBlockList"
    case putPage = "PutPage"
    case clearPage = "ClearPage"
    case getPageRanges = "GetPageRanges"
    case token = "Token"
    case managedIdentityToken = "ManagedIdentityToken"
    case discovery = "Discovery"

    /// The operation of a request to the storage service.
    ///
    /// - Throws: `AzureError`, when there is none.
    init(_ call: Call) throws(AzureError) {
        let comp = call.parameter("comp") ?? ""
        let restype = call.parameter("restype") ?? ""
        let found =
            call.blob != nil
            ? Self.ofBlob(call, comp)
            : call.container != nil
                ? Self.ofContainer(call.method, restype, comp) : Self.ofAccount(call.method, restype, comp)
        guard let found else {
            let isKnown = ["GET", "HEAD", "PUT", "DELETE", "POST"].contains(call.method)
            if isKnown && !comp.isEmpty { throw .invalidQuery("comp", comp) }
            throw AzureError(405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.")
        }
        self = found
    }

    private static func ofAccount(_ method: String, _ restype: String, _ comp: String) -> Operation? {
        switch (method, restype, comp) {
        case ("GET", "", "list"): .listContainers
        case ("GET", "account", "properties"), ("HEAD", "account", "properties"): .getAccountInformation
        case ("POST", "service", "userdelegationkey"): .getUserDelegationKey
        default: nil
        }
    }

    private static func ofContainer(_ method: String, _ restype: String, _ comp: String) -> Operation? {
        switch (method, restype, comp) {
        case ("PUT", "container", ""): .createContainer
        case ("DELETE", "container", ""): .deleteContainer
        case ("GET", "container", ""), ("HEAD", "container", ""), ("GET", "container", "metadata"),
            ("HEAD", "container", "metadata"):
            .getContainerProperties
        case ("GET", "container", "list"): .listBlobs
        case ("GET", "account", "properties"), ("HEAD", "account", "properties"): .getAccountInformation
        default: nil
        }
    }

    private static func ofBlob(_ call: Call, _ comp: String) -> Operation? {
        switch (call.method, comp) {
        case ("PUT", ""): .putBlob
        case ("GET", ""): .getBlob
        case ("HEAD", ""): .getBlobProperties
        case ("DELETE", ""): .deleteBlob
        case ("PUT", "properties"): .setBlobProperties
        case ("GET", "properties"), ("HEAD", "properties"): .getAccountInformation
        case ("PUT", "metadata"): .setBlobMetadata
        case ("GET", "metadata"), ("HEAD", "metadata"): .getBlobMetadata
        case ("PUT", "lease"): .leaseBlob
        case ("PUT", "block"): .putBlock
        case ("PUT", "blocklist"): .putBlockList
        case ("GET", "blocklist"): .getBlockList
        case ("PUT", "page"): call["x-ms-page-write"]?.lowercased() == "clear" ? .clearPage : .putPage
        case ("GET", "pagelist"): .getPageRanges
        default: nil
        }
    }

    /// The permission letters of which a shared access signature needs one.
    var permissions: String {
        switch self {
        case .listContainers, .listBlobs: "l"
        case .getBlob, .getBlobProperties, .getBlobMetadata, .getBlockList, .getPageRanges, .getContainerProperties: "r"
        case .createContainer, .putBlob, .putBlock, .putBlockList: "cw"
        case .deleteContainer, .deleteBlob: "d"
        case .setBlobProperties, .setBlobMetadata, .leaseBlob, .putPage, .clearPage: "w"
        case .getAccountInformation: "racwdxyltmeopif"
        case .getUserDelegationKey, .token, .managedIdentityToken, .discovery: ""
        }
    }

    /// The resource type of an account SAS: service, container or object.
    var resourceType: String {
        switch self {
        case .listContainers, .getUserDelegationKey: "s"
        case .getAccountInformation: "sco"
        case .createContainer, .deleteContainer, .getContainerProperties, .listBlobs: "c"
        default: "o"
        }
    }

    /// Whether it leaves everything as it is.
    var isRead: Bool { ["l", "r"].contains(permissions) || self == .getAccountInformation }

    /// Whether it takes a body or has to say that there is none.
    var needsLength: Bool { !isRead && ![.deleteBlob, .deleteContainer].contains(self) }
}
