"""Compares a disk image with the raw disk that it must hold, by readers that nobody of AHVault wrote.

    compare_image.py RAW IMAGE FORMAT VARIANT [--skip ORACLE]… [--sampled]

Prints a line for each reader, and ends with 1 when one of them sees another disk or cannot read the image. Runs in an
environment with the packages of requirements.txt; libyal is that of Debian, under the system's own Python. With
--sampled only the raw disk's data and some of its holes are compared by the readers that can seek.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

QEMU = {"vhd": "vpc", "vhdx": "vhdx", "vmdk": "vmdk", "qcow2": "qcow2", "raw": "raw"}
LIBYAL = {"vhd": "pyvhdi", "vhdx": "pyvhdi", "vmdk": "pyvmdk", "qcow2": "pyqcow"}
# What the readers are known not to read: not our images' fault.
BLIND = {
    ("7zip", "qcow2", "zstd"), ("libyal", "qcow2", "zstd"),
    ("qemu-img check", "vhd", ""), ("qemu-img check", "raw", ""),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("raw", type=Path)
    parser.add_argument("image", type=Path)
    parser.add_argument("format", choices=QEMU)
    parser.add_argument("variant")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--sampled", action="store_true")
    options = parser.parse_args()
    failed = False
    for name, oracle in ORACLES.items():
        blind = (name, options.format, options.variant) in BLIND or (name, options.format, "") in BLIND
        if blind or name in options.skip or (options.sampled and not oracle.seeks):
            continue
        complaint = oracle(options)
        print(f"{name}: {complaint or 'equal'}", flush=True)
        failed = failed or complaint is not None
    sys.exit(1 if failed else 0)


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", **more)


def qemu_compare(options):
    kind = QEMU[options.format]
    result = run("qemu-img", "compare", "-f", "raw", "-F", kind, options.raw, options.image)
    if result.returncode != 0 or "Images are identical" not in result.stdout or "mismatch" in result.stdout:
        return result.stdout + result.stderr
    info = json.loads(run("qemu-img", "info", "--output=json", "-f", kind, options.image).stdout)
    size = options.raw.stat().st_size
    return None if info["virtual-size"] == size else f"{info['virtual-size']} bytes instead of {size}"


def qemu_check(options):
    result = run("qemu-img", "check", "-f", QEMU[options.format], options.image)
    return None if result.returncode in (0, 63) else result.stdout + result.stderr


def sevenzip(options):
    if options.format == "raw" or (options.format == "vhdx" and options.raw.stat().st_size % 4096):
        return None  # 7-Zip refuses VHDX with such sizes
    log = options.image.with_suffix(".7z-log")
    pipe = f'set -o pipefail; 7zz x -so "$1" 2> "$3" | cmp - "$2"'
    result = run("bash", "-c", pipe, "-", options.image, options.raw, log)
    said = log.read_text(errors="replace")
    log.unlink()
    if result.returncode != 0 or "error" in said.lower() or "warning" in said.lower():
        return f"{result.stdout}{result.stderr}{said}"
    return None


def pieces(options, step=1 << 20):
    """Aligned pieces of the disk: all, or those around data and every hundredth of the others."""
    size = options.raw.stat().st_size
    if not options.sampled:
        yield from ((start, min(step, size - start)) for start in range(0, size, step))
        return
    import os
    with open(options.raw, "rb") as file:
        wanted, position = set(), 0
        while position < size:
            try:
                start = os.lseek(file.fileno(), position, os.SEEK_DATA)
            except OSError:
                break
            position = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            wanted.update(range(start // step, -(-position // step)))
    last = (size - 1) // step
    wanted.update(range(0, last + 1, max(1, last // 100)))
    wanted.add(last)
    yield from ((piece * step, min(step, size - piece * step)) for piece in sorted(wanted))


def compared(options, size, read):
    """`read` gives the bytes of a piece."""
    if size != options.raw.stat().st_size:
        return f"{size} bytes instead of {options.raw.stat().st_size}"
    with open(options.raw, "rb") as raw:
        for start, count in pieces(options):
            raw.seek(start)
            if read(start, count) != raw.read(count):
                return f"other bytes between {start} and {start + count}"
    return None


def dissect(options):
    from dissect.hypervisor.disk import qcow2, vhd, vhdx, vmdk
    path = options.image
    if options.format == "raw":
        return None
    disk = {
        "vhd": lambda: vhd.VHD(open(path, "rb")), "vhdx": lambda: vhdx.VHDX(open(path, "rb")),
        "vmdk": lambda: vmdk.VMDK(path), "qcow2": lambda: qcow2.QCow2(path).open(),
    }[options.format]()
    disk.align = 512

    def read(start, count):
        disk.seek(start)
        return disk.read(count)

    return compared(options, disk.size, read)


def libyal(options):
    if options.format == "raw":
        return None
    if (options.format, options.variant) == ("vhdx", "fixed") and options.raw.stat().st_size > 4 << 30:
        return None  # libvhdi reads the sector bitmap blocks of fixed files as data
    ranges = ["--sampled"] if options.sampled else []
    result = run("/usr/bin/python3", __file__, "--libyal", LIBYAL[options.format], options.raw, options.image, *ranges)
    return None if result.returncode == 0 else (result.stdout + result.stderr).strip()


def libyal_main(module, raw, image, *sampled):
    options = argparse.Namespace(raw=Path(raw), image=Path(image), sampled=bool(sampled))
    library = __import__(module)
    handle = library.handle() if module == "pyvmdk" else library.file()
    handle.open(image)
    if module == "pyvmdk":
        handle.open_extent_data_files()

    def read(start, count):
        handle.seek(start)
        parts = []
        while count:
            part = handle.read_buffer(min(count, 1 << 16))
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    complaint = compared(options, handle.get_media_size(), read)
    print(complaint or "equal")
    sys.exit(1 if complaint else 0)


for oracle, seeks in [(qemu_compare, True), (qemu_check, True), (sevenzip, False), (dissect, True), (libyal, True)]:
    oracle.seeks = seeks
ORACLES = {
    "qemu-img": qemu_compare, "qemu-img check": qemu_check, "7zip": sevenzip, "dissect": dissect, "libyal": libyal,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--libyal"]:
        libyal_main(*sys.argv[2:])
    main()
