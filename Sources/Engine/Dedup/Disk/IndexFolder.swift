import Glibc

/// The files of one repository's index in the cache of this machine. Several processes use the folder at once: files get
/// their names when they are whole, and are never changed afterwards.
///
/// ```
/// <16 hex>.run      a sorted run: entries of some packs, those of each pack whole
/// <16 hex>.filter   its directory and filter
/// runs              which packs each run of the repository lists
/// lock              held by the process that merges runs
/// <16 hex>.tmp      being written
/// ```
/// Every one of them can be deleted at any time.
struct IndexFolder: Sendable {
    let path: String

    /// Bits of filter for each entry: fewer for the run that has most of all entries.
    static let bitsOfLargest = 13
    static let bitsOfOthers = 18
    /// Files up to this size are read whole when they are mapped.
    private static let checkedWhole = 8 << 20
    /// Seconds after which an unfinished file has nobody any more.
    private static let patience = 86_400

    /// Makes the folder, and those above it.
    /// - Throws: by `errno`, naming the folder.
    init(_ path: String) throws(EngineError) {
        self.path = path
        var made = ""
        for part in path.split(separator: "/") {
            made += path.hasPrefix("/") || !made.isEmpty ? "/" + part : String(part)
            guard mkdir(made, 0o700) == 0 || errno == EEXIST || errno == EROFS else {
                throw .system("make the cache folder", made)
            }
        }
    }

    /// Names of the runs that are there.
    func names() throws(EngineError) -> [String] {
        guard let folder = opendir(path) else { throw .system("list the cache folder", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".run") { names.append(String(name.dropLast(4))) }
            if name.hasSuffix(".tmp") { sweep(name) }
        }
        return names.sorted()
    }

    private func sweep(_ name: String) {
        var status = stat()
        let file = "\(path)/\(name)"
        guard stat(file, &status) == 0, time(nil) - status.st_mtim.tv_sec > Self.patience else { return }
        unlink(file)
    }

    /// Entries of all these runs, by the sizes of their files.
    func entries(of names: [String]) -> Int {
        names.reduce(0) { sum, name in
            var status = stat()
            return stat(run(name), &status) == 0 ? sum + Int(status.st_size) / IndexRun.entryCount : sum
        }
    }

    /// Bits of filter for each entry of a run of `count` entries, among `all` there are.
    static func bits(of count: Int, among all: Int) -> Int { 2 * count > all ? bitsOfLargest : bitsOfOthers }

    /// Maps a run. One that is small, or that has lost its filter, is read whole.
    /// - Parameter all: entries of all runs in the folder.
    /// - Throws: `.notFound` when another process has removed it; `.corrupt` when it is damaged, and removes it.
    func open(_ name: String, among all: Int) throws(EngineError) -> CachedRun {
        let file: MappedFile
        do throws(EngineError) {
            file = try MappedFile(run(name))
            if file.count > Self.checkedWhole, let cached = quickly(name, file) { return cached }
            let survey = try RunSurvey(
                of: file, what: run(name), filterBits: Self.bits(of: file.count / IndexRun.entryCount, among: all))
            return try keep(file, survey, as: name)
        } catch {
            if error.kind == .corrupt || error.kind == .unsupported { remove(name) }
            throw error
        }
    }

    private func quickly(_ name: String, _ file: MappedFile) -> CachedRun? {
        guard let head = try? RunSurvey.head(of: file, what: run(name)),
            let saved = RunFilterFile(filter(name), for: file, entries: head.count)
        else { return nil }
        return CachedRun(
            name: name, run: MappedRun(file, head: head, directory: saved.directory), filter: saved.filter)
    }

    /// A name that nobody else uses, for a file to be written.
    func temporary() -> String { "\(path)/\(RandomName.make()).tmp" }

    /// Takes in a whole run that was written to `temporary`.
    /// - Throws: `.corrupt` when it is no right run; by `errno`. The file is removed then.
    func adopt(_ temporary: String, bits: Int) throws(EngineError) -> CachedRun {
        do throws(EngineError) {
            let name = RandomName.make()
            let file = try MappedFile(temporary)
            let survey = try RunSurvey(of: file, what: temporary, filterBits: bits)
            let cached = try keep(file, survey, as: name)
            guard rename(temporary, run(name)) == 0 else { throw .system("rename", temporary) }
            return cached
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func keep(_ file: MappedFile, _ survey: RunSurvey, as name: String) throws(EngineError) -> CachedRun {
        let filter = survey.filter ?? BlockedFilter(count: 0, bits: 1)
        if file.count > Self.checkedWhole {
            let unnamed = temporary()
            try RunFilterFile(directory: survey.directory, filter: filter).write(to: unnamed, for: file)
            guard rename(unnamed, self.filter(name)) == 0 else { throw .system("rename", unnamed) }
        }
        return CachedRun(
            name: name, run: MappedRun(file, head: survey.head, directory: survey.directory), filter: filter)
    }

    /// Writes several runs as one, without the packs that need not be kept.
    /// - Throws: by `errno`; the runs stay as they are.
    func merge(
        _ runs: [CachedRun], bits: Int, keeping keeps: (PackID) -> Bool
    ) throws(EngineError) -> CachedRun {
        let unnamed = temporary()
        try RunMerge(runs.map(\.run), keeping: keeps).store(at: unnamed)
        return try adopt(unnamed, bits: bits)
    }

    /// Whoever has it mapped keeps it.
    func remove(_ name: String) {
        unlink(run(name))
        unlink(filter(name))
    }

    /// The right to merge, held until the file is let go; nil when another process has it.
    func lock() -> MergeLock? {
        guard let file = try? OpenFile(path + "/lock", O_RDWR | O_CREAT) else { return nil }
        return file.lock(waits: false) == .taken ? nil : MergeLock(file: file)
    }

    struct MergeLock: ~Copyable {
        let file: OpenFile
    }

    var catalogue: String { path + "/runs" }
    private func run(_ name: String) -> String { "\(path)/\(name).run" }
    private func filter(_ name: String) -> String { "\(path)/\(name).filter" }
}
