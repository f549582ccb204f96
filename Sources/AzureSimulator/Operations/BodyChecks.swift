/// What is checked of a request's body before anything is done with it.
enum BodyChecks {
    static let md5Mismatch = AzureError(
        400, "Md5Mismatch",
        "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")

    /// - Throws: `AzureError`, when a checksum does not fit or is malformed.
    static func check(_ call: Call, _ digests: BodyDigests) throws(AzureError) {
        let md5 = call["content-md5"]
        let crc = call["x-ms-content-crc64"]
        if md5 != nil && crc != nil {
            throw AzureError(
                400, "BothCrc64AndMd5HeaderPresent",
                "Both x-ms-content-crc64 header and Content-MD5 header are present.")
        }
        if let md5 {
            guard Base64.decode(md5)?.count == 16 else {
                throw AzureError(
                    400, "InvalidMd5",
                    "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.")
            }
            if md5 != digests.md5 {
                throw md5Mismatch.with("UserSpecifiedMd5", md5).with("ServerCalculatedMd5", digests.md5)
            }
        }
        if let crc {
            guard Base64.decode(crc)?.count == 8 else { throw .invalidHeader("x-ms-content-crc64", crc) }
            if crc != digests.crc64 {
                throw AzureError(
                    400, "Crc64Mismatch",
                    "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."
                ).with("UserSpecifiedCrc64", crc).with("ServerCalculatedCrc64", digests.crc64)
            }
        }
    }
}
