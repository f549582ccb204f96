"""ahvault with the source `image-files`, which is told what changed, as Prism tells it."""

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
    machines: [{{ name: vm, disks: [{{ path: {disk}, changes: {regions} }}] }}]
repositories:
  main: {{ target: {{ type: local, path: {work}/repository }}, codec: {{ type: {codec} }} }}
jobs:
  all: {{ source: images, vms: {{ names: ["*"] }}, repository: main }}
proxy: {{ name: benchmark }}
cache: {work}/cache
"""


class AHVault(Contestant):
    name, steps, codec = "ahvault", ("full", "increment", "restore", "check"), "zstd"

    def __init__(self, work, disk):
        super().__init__(work, disk)
        self.output = work / "restored" / "vm" / "scsi.0.raw"
        self.configuration = work / "ahvault.yaml"

    def available(self):
        return PROGRAM.exists()

    def prepare(self, run):
        self.configuration.write_text(CONFIGURATION.format(
            work=self.work, disk=self.disk, codec=self.codec, regions=os.environ["AHVAULT_BENCHMARK_REGIONS"]))
        self.configuration.chmod(0o600)
        run(self.command("repository", "init"))

    def command(self, *words):
        return [PROGRAM, *words, "--config", self.configuration]

    def full(self):
        return self.command("backup", "run", "all")

    def increment(self):
        os.utime(os.environ["AHVAULT_BENCHMARK_REGIONS"])  # a list that is older than the last backup is not believed
        return self.full()

    def restore(self):
        return self.command("restore", "vm", "latest", "--vm", "vm")

    def check(self):
        return self.command("repository", "check", "--read-data")


class AHVaultLZ4(AHVault):
    name, codec = "ahvault, lz4", "lz4"
