import Engine

/// The report of a target's check in words.
enum TargetCheckText {
    static func line(_ promise: TargetCheckReport.Promise) -> String {
        let mark = promise.isOffered ? (promise.isKept ? "ok      " : "failed  ") : "without "
        let text = mark + promise.promise
        return (promise.failure.map { "\(text)\n        \($0)" } ?? text).printable()
    }

    static func summary(of report: TargetCheckReport) -> String {
        ([promises(report)] + speed(report.measurement) + leftovers(report) + [verdict(report)])
            .joined(separator: "\n\n").printable()
    }

    private static func promises(_ report: TargetCheckReport) -> String {
        let layers = report.subject.layers.isEmpty ? "none" : report.subject.layers.joined(separator: ", ")
        return """

            Target            \(report.subject.target) of repository \(report.subject.repository), layers: \(layers)
            Two writers       \(outcome(report.capabilities.hasAtomicCreate))
            Two uploads       \(outcome(report.capabilities.hasAtomicUpload))
            Requests at once  \(report.capabilities.parallelism)
            """
    }

    private static func outcome(_ isAtomic: Bool) -> String {
        isAtomic ? "exactly one succeeds" : "both may believe that they succeeded"
    }

    private static func speed(_ measurement: TargetCheckReport.Measurement) -> [String] {
        var parts: [String] = []
        if !measurement.latency.isEmpty {
            var table = Table([.left("REQUEST"), .right("MEDIAN"), .right("95 %")])
            for latency in measurement.latency {
                table.add([latency.call.rawValue, milliseconds(latency.median), milliseconds(latency.percentile95)])
            }
            parts.append(table.text)
        }
        if let throughput = measurement.throughput {
            let size = "\(throughput.objects.of("object")) of \(ByteCount(throughput.objectBytes)) at once"
            parts.append(
                "put \(ByteCount.rate(throughput.bytes, in: throughput.putSeconds)), "
                    + "get \(ByteCount.rate(throughput.bytes, in: throughput.getSeconds)): \(size)")
        }
        if let failure = measurement.failure { parts.append("it could not be measured: \(failure)") }
        return parts
    }

    private static func leftovers(_ report: TargetCheckReport) -> [String] {
        guard let first = report.leftovers.first else { return [] }
        return [
            "\(report.leftovers.count.of("object")) of this check could not be removed, \(first) among them: "
                + "everything below contract/ may be deleted by hand"
        ]
    }

    private static func verdict(_ report: TargetCheckReport) -> String {
        let broken = report.promises.count { !$0.isKept }
        let absent = report.promises.count { !$0.isOffered }
        guard broken > 0 else {
            guard absent > 0 else { return "all \(report.promises.count.of("promise")) kept" }
            return "\((report.promises.count - absent).of("promise")) kept, \(absent) not offered: the target takes no "
                + "objects piece by piece, so that a repository is safe at it, but no disk image can be exported to it"
        }
        return "\(broken) of \(report.promises.count.of("promise")) broken: a repository is not safe at this target"
    }

    private static func milliseconds(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
