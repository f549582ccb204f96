"""What was measured, as text and as tables in Markdown."""

import os
from pathlib import Path
from statistics import median

import contestants
import measure

MIB = 1 << 20
BUSY = 0.35
RIVALS = ("restic", "borg")


class Figures:
    """All measurements: (tool, step) → runs."""

    def __init__(self):
        self.runs = {}

    def add(self, tool, step, run):
        self.runs.setdefault((tool, step), []).append(run)

    def median(self, tool, step, figure):
        """Nil when it was not measured. The figures are those of `Run`."""
        values = [getattr(run, figure) for run in self.runs.get((tool, step), [])]
        values = [value for value in values if value is not None]
        return median(values) if values else None

    def ratio(self, tool, step, figure, rival):
        own, other = self.median(tool, step, figure), self.median(rival, step, figure)
        return own / other if own is not None and other else None


class Run:
    """One measurement: what it cost, how the repository grew by it, and what of the other server it found there."""

    def __init__(self, cost, stored, grown, found):
        self.wall, self.cpu, self.memory, self.foreign = cost.wall, cost.cpu, cost.memory, cost.foreign
        self.stored, self.grown, self.found = stored, grown, found

    def __str__(self):
        mark = f"  (others used {self.foreign:.1f} processors)" if self.foreign > BUSY else ""
        found = f" {self.found:.0%} found" if self.found is not None else ""
        return (f"{self.wall:7.2f} s wall {self.cpu:7.2f} s CPU {self.memory / MIB:6.0f} MiB peak "
                f"{self.stored / MIB:7.0f} MiB stored {self.grown / MIB:+7.0f}{found}{mark}")


def machine():
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown processor")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"Machine: {os.cpu_count()} processors ({model}), {memory:.0f} GiB of memory."


def disks(made):
    changed = [int(line.split()[1]) for line in made.regions.read_text().splitlines()]
    return (f"Disks of {made.day1.stat().st_size / MIB:,.0f} MiB: the server's has "
            f"{measure.stored(made.day1) / MIB:,.0f} MiB in use, {made.dense.stat().st_size / MIB:,.0f} of them "
            f"not zero; day 2 changes {sum(changed) / MIB:,.0f} MiB in {len(changed):,} regions; the second server's "
            f"has {measure.stored(made.other) / MIB:,.0f} MiB in use.")


def limits(figures, size):
    """What the parts of a backup cost alone, for the `size` bytes of day 1 that are not zero."""
    rows = [["alone", "wall s", "CPU s", "MB a second of CPU", "runs"], ["---"] + ["---:"] * 4]
    for kind in contestants.LIMITS:
        cpu = figures.median(kind.name, "limit", "cpu")
        if cpu is not None:
            wall = figures.median(kind.name, "limit", "wall")
            rows.append([kind.name, f"{wall:.2f}", f"{cpu:.2f}", f"{size / 1e6 / cpu:,.0f}",
                         runs(figures.runs[kind.name, "limit"])])
    return lines(rows)


def table(names, figures):
    rows = [
        ["step", "tool", "wall s", "CPU s", *[f"CPU / {rival}" for rival in RIVALS],
         *[f"wall / {rival}" for rival in RIVALS], "peak MiB", "repository MiB", "grown MiB", "found", "runs"],
        ["---"] * 2 + ["---:"] * 11,
    ]
    steps = [*contestants.STEPS, "sparse", "unchanged"]
    for step, name in [(step, name) for step in steps for name in names if (name, step) in figures.runs]:
        found = figures.median(name, step, "found")
        keeps = step != "restore"
        rows.append([
            step, name, f"{figures.median(name, step, 'wall'):.2f}", f"{figures.median(name, step, 'cpu'):.2f}",
            *[share(figures.ratio(name, step, figure, rival)) for figure in ["cpu", "wall"] for rival in RIVALS],
            f"{figures.median(name, step, 'memory') / MIB:.0f}",
            f"{figures.median(name, step, 'stored') / MIB:,.0f}" if keeps else "",
            f"{figures.median(name, step, 'grown') / MIB:+,.0f}" if keeps else "",
            f"{found:.0%}" if found is not None else "", runs(figures.runs[name, step])])
    return lines(rows)


def share(ratio):
    return f"{ratio:.2f}" if ratio is not None else ""


def runs(measured):
    noisy = sum(run.foreign > BUSY for run in measured)
    return f"{len(measured)}" + (f" ({noisy} disturbed)" if noisy else "")


def lines(rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
