package import Engine
import Targets

/// Carries a plan out: disks, their bytes, the network, the VM.
///
/// Before anything is made its name is in the journal, a file of this machine; it is gone when nothing is left to do. What
/// fails is taken back, unless it is to be kept. After a crash the journal and the tag `ahvault-run` of every resource say
/// what there is, and an export with the same journal goes on.
package struct AzureExport: Sendable {
    /// The bytes of a disk and how they become a VHD.
    package struct Source: Sendable {
        package let reader: any BlockReader
        /// Writes the fixed VHD of the variant `azure`; the same bytes each time, so that an upload can go on: its settings
        /// give an id and a time.
        package let format: any ImageFormat

        package init(_ reader: any BlockReader, as format: any ImageFormat) {
            self.reader = reader
            self.format = format
        }
    }

    let subscription: AzureSubscription
    let plan: AzurePlan
    let sources: [Source]
    let journalPath: String
    let progress: AzureProgressSink

    /// - Parameters:
    ///   - sources: in the order of the plan's disks.
    ///   - journal: path of the journal; its folder is there.
    package init(
        _ subscription: AzureSubscription, plan: AzurePlan, sources: [Source], journal: String,
        progress: @escaping AzureProgressSink = { _ in }
    ) {
        self.subscription = subscription
        self.plan = plan
        self.sources = sources
        journalPath = journal
        self.progress = progress
    }
}
