import CWebCurl
import Engine

extension EngineError {
    /// What a status of HTTP means, and whether it may pass by itself.
    init(status: Int, _ message: String) {
        switch status {
        case 401: self.init(.denied, message + "; check `username` and `password`")
        case 403: self.init(.denied, message + "; may this account write there?")
        case 404, 410: self.init(.notFound, message)
        case 405: self.init(.unsupported, message + "; is this a WebDAV folder?")
        case 413, 507: self.init(.noSpace, message + "; free some space and run again")
        case 408, 504: self.init(.timedOut, message, isRetryable: true)
        case 423, 429, 503: self.init(.rateLimited, message, isRetryable: true)
        case 500, 502: self.init(.failed, message, isRetryable: true)
        default: self.init(.failed, message)
        }
    }

    /// What a failure of libcurl means.
    init(code: CURLcode, isTooLong: Bool, _ message: String) {
        let text = message + ": " + String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_WRITE_ERROR where isTooLong: self.init(.corrupt, message + ": more bytes came than asked for")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            self.init(.denied, text + "; name the server's certificate authority by `ca`")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self.init(.configuration, text)
        case CURLE_OPERATION_TIMEDOUT: self.init(.timedOut, text, isRetryable: true)
        default: self.init(.unreachable, text, isRetryable: true)
        }
    }
}
