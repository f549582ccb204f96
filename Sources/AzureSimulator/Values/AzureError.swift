/// A request that is refused: the status, and the code and message that Azure gives for it.
struct AzureError: Error, Sendable {
    var status: Int
    var code: String
    var message: String
    /// Further elements of the error's body.
    var details: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []

    init(_ status: Int, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// The same error with one more element in its body.
    func with(_ name: String, _ value: String) -> AzureError {
        var copy = self
        copy.details.append((name, value))
        return copy
    }

    /// The same error with one more header field.
    func sending(_ name: String, _ value: String) -> AzureError {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }
}

extension AzureError {
    static let blobNotFound = AzureError(404, "BlobNotFound", "The specified blob does not exist.")
    static let containerNotFound = AzureError(404, "ContainerNotFound", "The specified container does not exist.")
    static let containerExists = AzureError(409, "ContainerAlreadyExists", "The specified container already exists.")
    static let blobExists = AzureError(409, "BlobAlreadyExists", "The specified blob already exists.")
    static let conditionNotMet = AzureError(
        412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")
    static let notModified = AzureError(
        304, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")
    static let invalidBlobType = AzureError(
        409, "InvalidBlobType", "The blob type is invalid for this operation.")
    static let invalidRange = AzureError(
        416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
    static let invalidPageRange = AzureError(416, "InvalidPageRange", "The page range specified is invalid.")
    static let tooLarge = AzureError(
        413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.")
    static let permissionMismatch = AzureError(
        403, "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.")
    static let overwriteForbidden = AzureError(
        403, "UnauthorizedBlobOverwrite", "This request is not authorized to perform blob overwrites.")
    static let invalidBlockID = AzureError(
        400, "InvalidBlobOrBlock", "The specified blob or block content is invalid.")
    static let invalidBlockList = AzureError(400, "InvalidBlockList", "The specified block list is invalid.")
    static let invalidXML = AzureError(400, "InvalidXmlDocument", "XML specified is not syntactically valid.")

    static func missingHeader(_ name: String) -> AzureError {
        AzureError(400, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified.")
            .with("HeaderName", name)
    }

    static func invalidHeader(_ name: String, _ value: String) -> AzureError {
        AzureError(
            400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format."
        ).with("HeaderName", name).with("HeaderValue", value)
    }

    static func missingQuery(_ name: String) -> AzureError {
        AzureError(
            400, "MissingRequiredQueryParameter",
            "A query parameter that's mandatory for this request is not specified."
        ).with("QueryParameterName", name)
    }

    static func invalidQuery(_ name: String, _ value: String) -> AzureError {
        AzureError(
            400, "InvalidQueryParameterValue",
            "Value for one of the query parameters specified in the request URI is invalid."
        ).with("QueryParameterName", name).with("QueryParameterValue", value)
    }

    static func outOfRangeQuery(_ name: String, _ value: String) -> AzureError {
        AzureError(
            400, "OutOfRangeQueryParameterValue",
            "One of the query parameters specified in the request URI is outside the permissible range."
        ).with("QueryParameterName", name).with("QueryParameterValue", value)
    }

    /// The credentials are wrong; `detail` says how, as Azure does.
    static func authentication(_ detail: String) -> AzureError {
        AzureError(
            403, "AuthenticationFailed",
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
                + "including the signature."
        ).with("AuthenticationErrorDetail", detail)
    }
}
