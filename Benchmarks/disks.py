"""The disks that are measured: a server's, the same a day later, and another server's of the same distribution.

All hold ext4 file systems with real files of this machine. They are made without mounting anything: debugfs writes the
files in the order in which they were "installed".
"""

import os
import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

BLOCK = 4096
MEAN_CLUSTER = 30  # blocks: about 120 KiB, what a server's day looks like
PARTS = ["bin", "sbin", "include", "libexec", "share", "lib"]
OWN_SHARE = 0.1  # of the first server's data that is random
OTHER_SHARE = 0.2  # of the second server's data that the first does not have


@dataclass
class Disks:
    day1: Path
    day2: Path
    regions: Path  # what day 2 changed, `offset length` a line
    other: Path  # the second server
    dense: Path  # what day 1 uses, without the holes


def make(folder, size, used, changed):
    """Makes the disks in `folder` unless they are there."""
    disks = Disks(*[folder / name for name in ["day1.raw", "day2.raw", "changed.txt", "other.raw", "day1.data"]])
    done = folder / "done"
    if done.exists():
        return disks
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folders = chosen(int(used * (1 - OWN_SHARE)))
    own = folder / "own"
    fill(own, int(used * OWN_SHARE), 0, random.Random(1))
    install(disks.day1, size, folders, own, "6b1f3c52-0d3e-4a57-9d6e-1f2a3b4c5d6e")
    fill(own, int(used * OTHER_SHARE / 2), int(used * OTHER_SHARE / 2), random.Random(3))
    install(disks.other, size, rearranged(folders, random.Random(4)), own, "0f0c9f2e-7a55-4a0e-8f0a-3f1d2c4b5a69")
    shutil.rmtree(own)
    subprocess.run(["cp", "--sparse=always", disks.day1, disks.day2], check=True)
    disks.regions.write_text("".join(f"{offset} {length}\n" for offset, length in change(disks.day2, changed)))
    condense(disks.day1, disks.dense)
    done.touch()
    return disks


def chosen(room):
    """Folders of /usr with files of `room` bytes together, as (folder, files)."""
    folders = []
    for part in PARTS:
        for path, _, names in sorted(os.walk(Path("/usr", part))):
            files = []
            for name in sorted(names):
                source = Path(path, name)
                if source.is_symlink() or not source.is_file() or not str(source).isprintable() or '"' in name:
                    continue
                length = source.stat().st_size
                if length <= room:
                    files.append((source, length))
                    room -= length
            if files:
                folders.append((Path(path), files))
    return folders


def rearranged(folders, generator):
    """Three quarters of the folders, in another order."""
    folders = generator.sample(folders, len(folders))
    room = sum(length for _, files in folders for _, length in files) * 3 // 4
    kept = []
    for folder, files in folders:
        length = sum(length for _, length in files)
        if length <= room:
            kept.append((folder, files))
            room -= length
    return kept


def fill(folder, size, lines, generator):
    """A server's own files: `size` random bytes, and log lines of `lines` bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with open(folder / "random", "wb") as out:
        for _ in range(size >> 20):
            out.write(generator.randbytes(1 << 20))
    with open(folder / "log", "w") as out:
        while out.tell() < lines:
            out.writelines(
                f"2026-11-{generator.randrange(30) + 1:02} web[{generator.randrange(30000)}]: GET "
                f"/orders/{generator.getrandbits(40):x} {generator.choice([200, 200, 200, 304, 404])} "
                f"{generator.randrange(90000)} bytes\n" for _ in range(1000))


def install(image, size, folders, own, uuid):
    """Makes an ext4 image and writes the folders' files into it one after the other, then those of `own`."""
    with open(image, "wb") as file:
        file.truncate(size)
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-U", uuid, "-i", "8192", image], check=True)
    made, lines = {Path("/")}, []

    def folder(path):
        if path not in made:
            folder(path.parent)
            made.add(path)
            lines.append(f'mkdir "{path}"')

    for path, files in [*folders, (Path("/own"), [(file, 0) for file in sorted(own.iterdir())])]:
        folder(path)
        lines += [f'write "{file}" "{path / file.name}"' for file, _ in files]
    script = image.with_suffix(".debugfs")
    script.write_text("\n".join(lines) + "\n")
    result = subprocess.run(["/sbin/debugfs", "-w", "-f", script, image], capture_output=True, text=True)
    complaints = [line for line in result.stderr.splitlines() if line and not line.startswith("debugfs 1.")]
    if result.returncode != 0 or complaints:
        raise RuntimeError(f"debugfs cannot write {image}: {complaints[:3]}")
    script.unlink()
    subprocess.run(["/sbin/e2fsck", "-fn", image], check=True, capture_output=True)


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


def full_blocks(disk):
    """The contents of all blocks that are not zero, in order."""
    zero = bytes(BLOCK)
    for first, count in data_blocks(disk):
        disk.seek(first * BLOCK)
        for _ in range(count):
            block = disk.read(BLOCK)
            if block != zero:
                yield block


def condense(image, dense):
    """Copies the blocks of an image that are not zero, one behind the other."""
    with open(image, "rb") as disk, open(dense, "wb") as out:
        out.writelines(full_blocks(disk))
