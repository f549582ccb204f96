"""The disks that are measured: an ext4 file system with real files of this machine, and the same a day later."""

import os
import random
import shutil
import subprocess
from pathlib import Path

BLOCK = 4096
MEAN_CLUSTER = 30  # blocks: about 120 KiB, what a server's day looks like
PARTS = ["bin", "sbin", "include", "libexec", "share", "lib"]


def make(folder, size, used, changed):
    """Makes day1.raw, day2.raw and changed.txt (`offset length` a line) unless they are there."""
    day1, day2, regions = folder / "day1.raw", folder / "day2.raw", folder / "changed.txt"
    if regions.exists() and day1.stat().st_size == size:
        return day1, day2, regions
    stage = folder / "files"
    shutil.rmtree(stage, ignore_errors=True)
    collect(stage, used)
    day1.unlink(missing_ok=True)
    with open(day1, "wb") as image:
        image.truncate(size)
    subprocess.run(
        ["/sbin/mkfs.ext4", "-q", "-F", "-d", stage, "-U", "6b1f3c52-0d3e-4a57-9d6e-1f2a3b4c5d6e", day1], check=True)
    shutil.rmtree(stage)
    subprocess.run(["cp", "--sparse=always", day1, day2], check=True)
    regions.write_text("".join(f"{offset} {length}\n" for offset, length in change(day2, changed)))
    return day1, day2, regions


def collect(stage, used):
    """Copies files of /usr until `used` bytes are together, and as much random data as a tenth of that."""
    stage.mkdir(parents=True)
    room = used - used // 10
    for part in PARTS:
        for path, _, names in sorted(os.walk(Path("/usr", part))):
            for name in sorted(names):
                source = Path(path, name)
                if source.is_symlink() or not source.is_file():
                    continue
                length = source.stat().st_size
                if length > room:
                    continue
                target = stage / source.relative_to("/usr")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                room -= length
    generator = random.Random(1)
    with open(stage / "random", "wb") as out:
        for _ in range(used // 10 >> 20):
            out.write(generator.randbytes(1 << 20))


def change(image, share):
    """Rewrites `share` of the used blocks in clusters; returns the regions, sorted."""
    generator = random.Random(2)
    with open(image, "r+b") as disk:
        used = list(data_blocks(disk))
        wanted = int(sum(count for _, count in used) * share)
        regions, touched = [], set()
        while wanted > 0:
            first, count = generator.choices(used, weights=[count for _, count in used])[0]
            start = first + generator.randrange(count)
            length = min(max(1, int(generator.expovariate(1 / MEAN_CLUSTER))), first + count - start, wanted)
            blocks = [block for block in range(start, start + length) if block not in touched]
            if len(blocks) != length:
                continue
            for block in blocks:
                rewrite(disk, block, first, count, generator)
            touched.update(blocks)
            regions.append((start * BLOCK, length * BLOCK))
            wanted -= length
    return sorted(regions)


def rewrite(disk, block, first, count, generator):
    """New content that compresses like the old: another block of the neighbourhood with a new head."""
    disk.seek((first + generator.randrange(count)) * BLOCK)
    content = disk.read(BLOCK)
    disk.seek(block * BLOCK)
    disk.write(generator.randbytes(64) + content[64:])


def data_blocks(disk):
    """The disk's used parts as (first block, count)."""
    end = os.fstat(disk.fileno()).st_size
    position = 0
    while position < end:
        try:
            start = os.lseek(disk.fileno(), position, os.SEEK_DATA)
        except OSError:
            return
        position = os.lseek(disk.fileno(), start, os.SEEK_HOLE)
        first, last = -(-start // BLOCK), position // BLOCK
        if last > first:
            yield first, last - first
