"""The tools that are compared. Each has the steps it can do, as commands.

A step is a method that returns the command; `work` is the tool's own folder, `disk` the path at which the disk of the
day lies, `output` the file a restore writes.
"""

import shutil
from pathlib import Path


class Contestant:
    name = ""
    needs = ""
    steps = ("full",)
    environment = {}

    def __init__(self, work, disk):
        self.work, self.disk, self.output = work, disk, work / "restored.raw"

    def available(self):
        return shutil.which(self.needs) is not None

    def prepare(self, run):
        """What has to be done before the first step, not measured."""

    def stored(self):
        return self.work / "repository"


class Read(Contestant):
    name, needs = "read (dd)", "dd"

    def full(self):
        return ["dd", f"if={self.disk}", "of=/dev/null", "bs=1M", "status=none"]


class Copy(Contestant):
    name, needs, steps = "cp --sparse", "cp", ("full", "restore")

    def full(self):
        return ["cp", "--sparse=always", self.disk, self.stored()]

    def restore(self):
        return ["cp", "--sparse=always", self.stored(), self.output]


class Zstd(Contestant):
    name, needs, steps = "zstd -1 -T2", "zstd", ("full", "restore", "check")

    def full(self):
        return ["zstd", "-q", "-f", "-1", "-T2", self.disk, "-o", self.stored()]

    def restore(self):
        return ["zstd", "-q", "-f", "-d", "--sparse", self.stored(), "-o", self.output]

    def check(self):
        return ["zstd", "-q", "-t", self.stored()]


class QemuImage(Contestant):
    name, needs, steps = "qemu-img convert -c", "qemu-img", ("full", "restore")
    options = ()

    def full(self):
        return ["qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", *self.options, self.disk, self.stored()]

    def restore(self):
        return ["qemu-img", "convert", "-f", "qcow2", "-O", "raw", self.stored(), self.output]


class QemuImageZstd(QemuImage):
    name, options = "qemu-img convert -c, zstd", ("-o", "compression_type=zstd")


class Restic(Contestant):
    name, needs, steps = "restic", "restic", ("full", "increment", "restore", "check")

    def __init__(self, work, disk):
        super().__init__(work, disk)
        self.output = Path(f"{work}/restored{disk}")
        self.environment = {
            "RESTIC_PASSWORD": "benchmark", "RESTIC_REPOSITORY": str(self.stored()),
            "RESTIC_CACHE_DIR": str(work / "cache")}

    def prepare(self, run):
        run(["restic", "init", "-q"])

    def full(self):
        return ["restic", "backup", "-q", self.disk]

    increment = full

    def restore(self):
        return ["restic", "restore", "-q", "latest", "--target", self.work / "restored"]

    def check(self):
        return ["restic", "check", "-q", "--read-data"]


class Borg(Contestant):
    name, needs, steps = "borg zstd,1", "borg", ("full", "increment", "restore", "check")

    def __init__(self, work, disk):
        super().__init__(work, disk)
        self.output = Path(f"{work}{disk}")
        self.environment = {
            "BORG_REPO": str(self.stored()), "BORG_BASE_DIR": str(work / "home"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}

    def prepare(self, run):
        run(["borg", "init", "-e", "none"])

    def full(self):
        return ["borg", "create", "-C", "zstd,1", "::day1", self.disk]

    def increment(self):
        return ["borg", "create", "-C", "zstd,1", "::day2", self.disk]

    def restore(self):
        return ["borg", "extract", "--sparse", "::day2"]

    def check(self):
        return ["borg", "check", "--verify-data"]
