"""Runs commands and says what they cost."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cost:
    wall: float  # seconds
    cpu: float  # seconds, user and system, of the command and all it waited for
    memory: int  # bytes resident at the peak
    foreign: float  # processors that others used meanwhile

    def __add__(self, other):
        wall = self.wall + other.wall
        foreign = (self.foreign * self.wall + other.foreign * other.wall) / wall
        return Cost(wall, self.cpu + other.cpu, max(self.memory, other.memory), foreign)


class Failed(Exception):
    pass


def run(command, log, environment=None, folder=None):
    """Waits for the command; what it prints is added to the file `log`."""
    os.sync()
    before = busy()
    start = time.monotonic()
    peak = Path(f"{log}.peak")
    with open(log, "ab") as output:
        # A process's peak starts at its parent's, so a small program has to be the parent.
        child = subprocess.Popen(
            ["/usr/bin/time", "-f", "%M", "-o", peak, *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
            env={**os.environ, **(environment or {})})
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: exit {child.returncode}, see {log}")
    cpu = usage.ru_utime + usage.ru_stime
    foreign = max(0.0, busy() - before - cpu) / wall
    return Cost(wall, cpu, int(peak.read_text()) * 1024, foreign)


def busy():
    """Processor seconds spent by everybody since the start of the machine, waiting apart."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK")


def stored(path):
    """Bytes that a file or folder takes on its disk."""
    if not path.exists():
        return 0
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_blocks * 512 for file in files)


def warm(path):
    """Brings a file into the page cache."""
    with open(path, "rb", buffering=0) as file:
        while file.read(8 << 20):
            pass
