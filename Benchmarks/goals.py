"""What ahvault is to reach beside the rivals and the machine's limits, and whether it did."""

import report

TOOL = "ahvault"
RATIOS = [
    ("full", "cpu", "restic", 0.35), ("full", "cpu", "borg", 0.92),
    ("full", "wall", "restic", 0.4), ("full", "wall", "borg", 0.55),
    ("increment", "cpu", "restic", 1 / 12), ("increment", "cpu", "borg", 1 / 7),
    ("restore", "cpu", "restic", 0.7), ("restore", "wall", "restic", 0.5),
    ("check", "cpu", "restic", 0.6),
    ("full", "grown", "restic", 1.1), ("increment", "grown", "restic", 0.36),
]
WORDS = {"cpu": "CPU", "wall": "wall", "grown": "stored"}


def table(figures):
    rows = [["goal", "at most", "measured", ""], ["---", "---:", "---:", "---"]]
    for step, figure, rival, limit in RATIOS:
        rows.append(row(f"{step}: {WORDS[figure]} / {rival}'s", limit, figures.ratio(TOOL, step, figure, rival), ".3f"))
    parts = [figures.median(name, "limit", "cpu") for name in ["read", "SHA-256, one thread", "zstd -1, one thread"]]
    full = figures.median(TOOL, "full", "cpu")
    if full is not None and None not in parts:
        rows.append(row("full: CPU / reading, SHA-256 and zstd alone", 1.3, full / sum(parts), ".2f"))
    scrub, kept = figures.median(TOOL, "scrub", "cpu"), figures.median(TOOL, "scrub", "stored")
    if scrub is not None:
        rows.append(row("scrub: CPU s / 100 MiB stored", 0.05, scrub / (kept / report.MIB / 100), ".3f"))
    found = figures.median(TOOL, "other", "found")
    if found is not None:
        rows.append(["second server found as duplicate, at least", "0.55", f"{found:.2f}", word(found >= 0.55)])
    peaks = [figures.median(TOOL, step, "memory") for step in report.contestants.STEPS]
    if any(peaks):
        rows.append(row("peak memory of any step, MiB", 150, max(filter(None, peaks)) / report.MIB, ".0f"))
    for step in ["sparse", "unchanged"]:
        name = f"{TOOL}, empty 6 TiB"
        if (wall := figures.median(name, step, "wall")) is not None:
            rows.append(row(f"{step} 6 TiB: wall s", 5, wall, ".2f"))
            rows.append(row(f"{step} 6 TiB: MiB written", 1, figures.median(name, step, "grown") / report.MIB, ".2f"))
    return report.lines([entry for entry in rows if entry])


def row(goal, limit, value, digits):
    return [goal, f"{limit:.2g}" if limit < 10 else f"{limit}", format(value, digits), word(value <= limit)] \
        if value is not None else []


def word(reached):
    return "reached" if reached else "**missed**"
