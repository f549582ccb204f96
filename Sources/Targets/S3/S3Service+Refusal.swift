import Engine
import Wire

extension S3Service {
    func refusal(of call: ObjectCall, _ reply: HTTPReply, at now: Timestamp) -> EngineError {
        let problem = S3Problem(reply)
        let (kind, advice) = meaning(of: problem, call, reply, at: now)
        let message = "cannot \(call.what): \(problem.words)" + (advice.map { "; \($0)" } ?? "")
        return EngineError(kind, message, isRetryable: isTransient(reply))
    }

    private func meaning(
        of problem: S3Problem, _ call: ObjectCall, _ reply: HTTPReply, at now: Timestamp
    ) -> (EngineError.Kind, String?) {
        if problem.isOutOfSpace { return (.noSpace, "free some space, or raise the quota, and run again") }
        switch problem.code {
        case "NoSuchBucket":
            return (
                .configuration,
                "there is no bucket `\(bucket)` at \(address.origin): make it, or set `createBucket: true`"
            )
        case "NoSuchKey", "NoSuchUpload": return (.notFound, nil)
        case "InvalidRange": return (.corrupt, "the object is shorter than the range")
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException":
            return (.configuration, regionAdvice(problem))
        case "InvalidBucketName": return (.configuration, nil)
        case "NotImplemented", "MethodNotAllowed": return (.unsupported, conditionAdvice(call))
        case "SlowDown", "TooManyRequests", "ServiceUnavailable": return (.rateLimited, nil)
        default: return meaning(ofStatus: problem, call, reply, at: now)
        }
    }

    private func meaning(
        ofStatus problem: S3Problem, _ call: ObjectCall, _ reply: HTTPReply, at now: Timestamp
    ) -> (EngineError.Kind, String?) {
        switch problem.status {
        case 401, 403: return (.denied, denialAdvice(problem, call, reply, at: now))
        case 404: return (.notFound, nil)
        case 416: return (.corrupt, "the object is shorter than the range")
        case 301, 307: return (.configuration, regionAdvice(problem))
        case 501, 405: return (.unsupported, conditionAdvice(call))
        case 429, 503: return (.rateLimited, nil)
        case 400 where problem.code == "ExpiredToken" || problem.code == "InvalidToken":
            return (.denied, "the `sessionToken` has expired: give a new one")
        case 400 where problem.code == nil && call.method == "HEAD": return (.configuration, regionAdvice(problem))
        default: return (.failed, nil)
        }
    }

    private func denialAdvice(
        _ problem: S3Problem, _ call: ObjectCall, _ reply: HTTPReply, at now: Timestamp
    ) -> String? {
        let key = credentials.accessKey
        switch problem.code {
        case "InvalidAccessKeyId": return "\(address.origin) does not know the access key `\(key)`"
        case "SignatureDoesNotMatch":
            return ServerClock.complaint(reply, at: now)
                ?? "the secret key is not the one of access key `\(key)`, or a proxy on the way changes requests"
        case "RequestTimeTooSkewed":
            return ServerClock.complaint(reply, at: now, most: 60_000)
                ?? "the clocks of this machine (\(HTTPDate.text(now))) and the server "
                + "(\(reply.value(of: "Date") ?? "unknown")) differ: set the wrong one"
        default: break
        }
        if let complaint = ServerClock.complaint(reply, at: now) { return complaint }
        if call.method == "DELETE" {
            return "is the access key `\(key)` allowed s3:DeleteObject, and is the object free of Object Lock?"
        }
        return "is the access key `\(key)` allowed \(Self.permission(call)) on the bucket `\(bucket)`?"
    }

    private static func permission(_ call: ObjectCall) -> String {
        switch (call.method, call.object.isEmpty) {
        case ("PUT", true): "s3:CreateBucket"
        case ("GET", true): "s3:ListBucket"
        case ("PUT", _), ("POST", _): "s3:PutObject"
        default: "s3:GetObject"
        }
    }

    private func regionAdvice(_ problem: S3Problem) -> String {
        guard let right = problem.region, right != region else {
            return "is `region: \(region)` the bucket's region, and `endpoint` that region's?"
        }
        return "the bucket is in another region: set `region: \(right)`"
    }

    private func conditionAdvice(_ call: ObjectCall) -> String? {
        call.headers.contains { $0.name == "If-None-Match" }
            ? "if the server has no conditional writes, set `conditionalWrites: no`" : nil
    }
}
