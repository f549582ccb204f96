"""restic and borg."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from contestants import Contestant

BORG = "1.4.5"


class Restic(Contestant):
    name, needs = "restic", "restic"
    steps = ("full", "increment", "other", "restore", "check", "prune")

    def __init__(self, work, disk, second, disks):
        super().__init__(work, disk, second, disks)
        self.output = Path(f"{work}/restored{disk}")
        self.environment = {
            "RESTIC_PASSWORD": "benchmark", "RESTIC_REPOSITORY": str(self.stored()),
            "RESTIC_CACHE_DIR": str(work / "cache")}

    def prepare(self, run):
        run([self.needs, "init", "-q"])

    def full(self):
        return [self.needs, "backup", "-q", self.disk]

    increment = full

    def other(self):
        return [self.needs, "backup", "--json", self.second]

    def found(self, log, used):
        summary = next(
            entry for entry in map(json.loads, filter(lambda line: line.startswith("{"), log.splitlines()))
            if entry["message_type"] == "summary")
        return 1 - summary["data_added"] / used

    def restore(self):
        return [self.needs, "restore", "-q", "latest", "--path", self.disk, "--target", self.work / "restored"]

    def check(self):
        return [self.needs, "check", "-q", "--read-data"]

    def before(self, step):
        if step == "prune":
            listing = subprocess.run(
                [self.needs, "snapshots", "--json", "--path", self.second], env={**os.environ, **self.environment},
                check=True, capture_output=True)
            self.snapshot = json.loads(listing.stdout)[0]["id"]

    def prune(self):
        return [self.needs, "forget", "-q", self.snapshot, "--prune"]


class Borg(Contestant):
    name, needs = "borg", "borg"
    steps = ("full", "increment", "other", "restore", "check", "prune")

    def __init__(self, work, disk, second, disks):
        super().__init__(work, disk, second, disks)
        self.output = Path(f"{work}{disk}")
        self.environment = {
            "BORG_REPO": str(self.stored()), "BORG_BASE_DIR": str(work / "home"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}

    def prepare(self, run):
        run([self.needs, "init", "-e", "none"])

    def full(self):
        return self.create("day1", self.disk)

    def increment(self):
        return self.create("day2", self.disk)

    def other(self):
        return [*self.create("other", self.second), "--json"]

    def create(self, archive, disk):
        return [self.needs, "create", "-C", "zstd,1", f"::{archive}", disk]

    def found(self, log, used):
        statistics = json.loads(log[log.index("{"):])["archive"]["stats"]
        return 1 - statistics["deduplicated_size"] / statistics["compressed_size"]

    def restore(self):
        return [self.needs, "extract", "--sparse", "::day2"]

    def check(self):
        return [self.needs, "check", "--verify-data"]

    def prune(self):
        return [[self.needs, "delete", "::other"], [self.needs, "compact"]]


def use(folder, restic, borg):
    """Takes the programs given, else those of the PATH, but borg in the version that is to be compared."""
    Restic.needs = restic or Restic.needs
    Borg.needs = borg or made(folder / f"borg-{BORG}") or Borg.needs


def made(folder):
    """The borg of a Python environment, made when it is not there; None when it cannot be made."""
    program = folder / "bin" / "borg"
    if not program.exists():
        print(f"making borg {BORG}", flush=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin" / "pip", "install", "-q", f"borgbackup=={BORG}"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"borg {BORG} cannot be made here: {error}", flush=True)
            return None
    return str(program)


def versions():
    """`restic 0.14.0, borg 1.2.4`, of those that are there."""
    found = []
    for program, argument in [(Restic.needs, "version"), (Borg.needs, "--version")]:
        try:
            text = subprocess.run([program, argument], capture_output=True, text=True).stdout
        except OSError:
            continue
        match = re.search(r"(restic|borg) [0-9.]+[0-9]", text)
        found += [match.group()] if match else []
    return ", ".join(found)
