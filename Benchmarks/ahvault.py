"""ahvault with the source `image-files`, which is told what changed, as Prism tells it."""

import json
import os
from pathlib import Path

from contestants import Contestant

PROGRAM = Path(__file__).resolve().parent.parent / ".build" / "release" / "ahvault"

CONFIGURATION = """
sources:
  images:
    type: image-files
    changes: list
    restore: {work}/restored
    machines:
      - {{ name: vm, disks: [{{ path: {disk}, changes: {regions} }}] }}
      - {{ name: second, disks: [{{ path: {second} }}] }}
repositories:
  main:
    target: {{ type: local, path: {work}/repository }}
    {options}
proxy: {{ name: benchmark }}
cache: {work}/cache
"""


class AHVault(Contestant):
    name, options = "ahvault", ""

    def __init__(self, work, disk, second, disks):
        super().__init__(work, disk, second, disks)
        self.output = work / "restored" / "vm" / "scsi.0.raw"
        self.configuration = work / "ahvault.yaml"
        self.environment = {"AHVAULT_BENCHMARK_PASSPHRASE": "benchmark"}

    def available(self):
        return PROGRAM.exists()

    def prepare(self, run):
        self.configuration.write_text(CONFIGURATION.format(
            work=self.work, disk=self.disk, second=self.second, regions=self.disks.regions, options=self.options))
        self.configuration.chmod(0o600)
        run(self.command("repository", "init"))

    def command(self, *words):
        return [PROGRAM, *words, "--config", self.configuration]

    def full(self):
        return self.command("backup", "vm", "vm", "--json")

    def increment(self):
        os.utime(self.disks.regions)  # a list that is older than the last backup is not believed
        return self.full()

    def other(self):
        return self.command("backup", "vm", "second", "--json")

    def found(self, log, used):
        report = next(
            entry for entry in map(json.loads, filter(lambda line: line.startswith("{"), log.splitlines()))
            if entry["event"] == "report")
        return 1 - report["machines"][0]["statistics"]["new"] / used

    def restore(self):
        return self.command("restore", "vm", "latest", "--vm", "vm")

    def check(self):
        return self.command("repository", "check", "--read-data")

    def scrub(self):
        return self.command("repository", "check", "--scrub")

    def prune(self):
        return [
            self.command("points", "delete", "latest", "--vm", "second", "--last-too", "--yes"),
            self.command("repository", "prune"),
        ]


class AHVaultFixed(AHVault):
    name, options = "ahvault, fixed chunks", "chunker: fixed"


class AHVaultEncrypted(AHVault):
    name, options = "ahvault, encrypted", "encryption: { passphrase: env:AHVAULT_BENCHMARK_PASSPHRASE }"


class AHVaultLZ4(AHVault):
    name, options = "ahvault, lz4", "codec: { type: lz4 }"


class AHVaultSparse(AHVault):
    """A disk of 6 TiB that nothing was ever written to, and its next backup."""

    name, steps, size = "ahvault, empty 6 TiB", ("sparse", "unchanged"), 6 << 40

    def prepare(self, run):
        self.disk = self.work / "empty.raw"
        self.disk.touch()
        os.truncate(self.disk, self.size)
        super().prepare(run)

    sparse = unchanged = AHVault.full
