"""What is compared. Each contestant has steps, in this order, as methods that return the command or commands.

    full       the first backup of a disk
    increment  its backup a day later
    other      the first backup of the second server, into the same place
    restore    the disk of day 2 into a file
    check      everything that is kept is decoded and compared with its id
    scrub      everything that is kept is compared with its checksum
    prune      the second server's backup is deleted, and its space given back
"""

import shutil

STEPS = ("full", "increment", "other", "restore", "check", "scrub", "prune")


class Contestant:
    name = ""
    needs = ""
    steps = STEPS
    environment = {}
    isSlow = False  # measured in the first round only

    def __init__(self, work, disk, second, disks):
        """`work` is its own folder; the day's disk and the second server's lie at `disk` and `second`."""
        self.work, self.disk, self.second, self.disks = work, disk, second, disks
        self.output = work / "restored.raw"

    def available(self):
        return shutil.which(self.needs) is not None

    def prepare(self, run):
        """What has to be done before the first step, not measured."""

    def before(self, step):
        """What has to be found out before a step, not measured."""

    def stored(self):
        return self.work / "repository"

    def found(self, log, used):
        """The part of the second server's `used` bytes that was there already, from what the step `other` printed."""
        return None


class Read(Contestant):
    name, needs, steps = "read", "dd", ("limit",)

    def limit(self):
        return ["dd", f"if={self.disks.dense}", "of=/dev/null", "bs=1M", "status=none"]


class Hash(Contestant):
    name, needs, steps = "SHA-256, one thread", "openssl", ("limit",)

    def limit(self):
        return ["openssl", "dgst", "-sha256", self.disks.dense]


class Compress(Contestant):
    name, needs, steps, threads = "zstd -1, one thread", "zstd", ("limit",), ("--single-thread",)

    def limit(self):
        return ["zstd", "-q", "-f", "-1", *self.threads, self.disks.dense, "-o", self.stored()]


class CompressTwice(Compress):
    name, threads = "zstd -1 -T2", ("-T2",)


class Write(Contestant):
    name, needs, steps = "write, fsync", "dd", ("limit",)

    def limit(self):
        return ["dd", f"if={self.disks.dense}", f"of={self.stored()}", "bs=1M", "conv=fsync", "status=none"]


class Copy(Contestant):
    name, needs, steps = "cp --sparse", "cp", ("full", "restore")

    def full(self):
        return ["cp", "--sparse=always", self.disk, self.stored()]

    def restore(self):
        return ["cp", "--sparse=always", self.disks.day1, self.output]


class QemuImage(Contestant):
    name, needs, steps, isSlow = "qemu-img convert -c", "qemu-img", ("full",), True
    options = ()

    def full(self):
        return ["qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", *self.options, self.disk, self.stored()]


class QemuImageZstd(QemuImage):
    name, options = "qemu-img convert -c, zstd", ("-o", "compression_type=zstd")


LIMITS = [Read, Hash, Compress, CompressTwice, Write]
