import Foundation
import Testing

/// A library that, loaded before a program, moves the wall clock that the program sees.
struct WrongClock {
    private let library: String

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <time.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
            int status = real(clock, time);
            const char *offset = getenv("AHVAULT_TEST_CLOCK");
            if (status == 0 && clock == CLOCK_REALTIME && offset) time->tv_sec += atoll(offset);
            return status;
        }
        """

    /// Builds it with the C compiler that comes with Swift.
    init(in place: Workplace) throws {
        let source = try place.write("clock.c", Self.source)
        library = place.file("clock.so")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["clang", "-shared", "-fPIC", "-o", library, source]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "clang does not work")
    }

    /// What a program's environment needs so that its clock is so many days ahead.
    func environment(days: Int) -> [String: String] {
        ["LD_PRELOAD": library, "AHVAULT_TEST_CLOCK": "\(days * 86_400)"]
    }
}
