"""What was measured, as text and as a table in Markdown."""

import os
from pathlib import Path
from statistics import median

import measure

MIB = 1 << 20
BUSY = 0.35
REFERENCE = "restic"


def one(figures):
    cost, stored = figures
    mark = f"  (others used {cost.foreign:.1f} processors)" if cost.foreign > BUSY else ""
    return (f"{cost.wall:7.1f} s wall {cost.cpu:7.1f} s CPU {cost.memory / MIB:6.0f} MiB peak "
            f"{stored / MIB:7.0f} MiB stored{mark}")


def machine():
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown processor")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"Machine: {os.cpu_count()} processors ({model}), {memory:.0f} GiB of memory."


def disk(image, regions):
    changed = [int(line.split()[1]) for line in regions.read_text().splitlines()]
    return (f"Disk: {image.stat().st_size / MIB:,.0f} MiB, of which {measure.stored(image) / MIB:,.0f} MiB used; "
            f"day 2 changes {sum(changed) / MIB:,.0f} MiB in {len(changed):,} regions.")


def table(names, results):
    rows = [
        ["tool", "step", "wall s", "CPU s", f"CPU / {REFERENCE}'s", "peak MiB", "stored MiB", "runs"],
        ["---"] * 2 + ["---:"] * 6,
    ]
    for step in ["full", "increment", "restore", "check"]:
        for name in names:
            runs = results.get((name, step))
            if runs:
                rows.append([name, step, *figures(runs, results.get((REFERENCE, step)))])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def figures(runs, reference):
    cpu = median(cost.cpu for cost, _ in runs)
    ratio = cpu / median(cost.cpu for cost, _ in reference) if reference else None
    noisy = sum(cost.foreign > BUSY for cost, _ in runs)
    return [
        f"{median(cost.wall for cost, _ in runs):.1f}",
        f"{cpu:.1f}",
        f"{ratio:.2f}" if ratio is not None else "",
        f"{median(cost.memory for cost, _ in runs) / MIB:.0f}",
        f"{median(stored for _, stored in runs) / MIB:.0f}",
        f"{len(runs)}" + (f" ({noisy} disturbed)" if noisy else ""),
    ]
