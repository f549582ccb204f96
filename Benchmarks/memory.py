"""Keeps a virtual machine from giving free memory back to its host while something is measured.

Memory that was given back costs whoever needs it next several times as much as other memory, and who that is depends on
what ran before: differences of seconds that say nothing of the programs. Only large free blocks are given back, so a
process touches half of the memory and keeps one page in each 256 KiB of it; the rest is free, and stays here.
"""

import mmap
import subprocess
import sys
import time

PAGE, STEP = 4 << 10, 256 << 10


class Kept:
    """While this is open, about half of the free memory is in small blocks that the machine keeps."""

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, __file__, str(available() // 2)], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def available():
    """Bytes."""
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def keep(size):
    memory = mmap.mmap(-1, size // STEP * STEP, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for offset in range(0, len(memory), PAGE):
        memory[offset] = 1
    for offset in range(0, len(memory), STEP):
        memory.madvise(mmap.MADV_DONTNEED, offset + PAGE, STEP - PAGE)
    print("kept", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    keep(int(sys.argv[1]))
