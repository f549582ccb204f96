#!/usr/bin/env python3
"""Makes the repositories of this folder anew, and what a reader should find in them.

    make.py AHVAULT       the program; packages as for examples/read-repository.py

Names, salts and times are random, so every run makes other bytes that say the same.
"""
import hashlib, importlib.util, json, os, shutil, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PASSPHRASE = "a horse that nobody corrects"
UNIT = 4096


def text(unit, seed):
    """4 KiB that compress well and differ from unit to unit."""
    line = f"unit {unit} of disk {seed}\n".encode()
    return (line * UNIT)[:UNIT]


def noise(unit, seed):
    """4 KiB that no codec makes smaller."""
    return b"".join(hashlib.sha256(f"{unit}/{seed}/{part}".encode()).digest() for part in range(UNIT // 32))


def put(path, units):
    with open(path, "r+b") as file:
        for unit, content in units.items():
            file.seek(unit * UNIT)
            file.write(content)


def sparse(path, size):
    path.touch()
    os.truncate(path, size)


def first(root):
    """Two disks: data at the start, around the border of a leaf, and in an odd last unit; and one without any."""
    sparse(root / "a.raw", (9 << 20) + 512)
    sparse(root / "b.raw", 2 << 20)
    units = {unit: text(unit, "a") for unit in (*range(24), *range(1020, 1029))} | {40: noise(40, "a"), 41: noise(41, "a")}
    put(root / "a.raw", units | {2304: text(2304, "a")[:512]})


def second(root):
    """An increment: some units change, one becomes zero, one moves."""
    put(root / "a.raw", {3: text(3, "changed"), 22: text(22, "changed"), 40: bytes(UNIT), 1024: text(5, "a")})


def make(name, settings, between=None):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        disks = ", ".join(f"{{ path: {root / disk} }}" for disk in ("a.raw", "b.raw"))
        (root / "ahvault.yaml").write_text(
            f"sources:\n  images: {{ type: image-files, state: {root}/state, restore: {root}/restored, "
            f"machines: [{{ name: vector, disks: [{disks}] }}] }}\n"
            f"repositories:\n  main: {{ target: {{ type: local, path: {HERE / name} }}, {settings} }}\n"
            f"proxy: {{ name: vectors }}\ncache: {root}/cache\n")
        os.chmod(root / "ahvault.yaml", 0o600)
        run = lambda *arguments: subprocess.run(
            [sys.argv[1], *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL,
            env=os.environ | {"AHVAULT_PASSPHRASE": PASSPHRASE})
        shutil.rmtree(HERE / name, ignore_errors=True)
        run("repository", "init")
        states = []
        for change in (first, second):
            change(root)
            run("backup", "vm", "vector")
            states.append([hashlib.sha256((root / disk).read_bytes()).hexdigest() for disk in ("a.raw", "b.raw")])
            if between and change is first:
                run(*between)
        return states


def describe(name, states):
    """What a reader should find, told by examples/read-repository.py."""
    spec = importlib.util.spec_from_file_location("reader", HERE.parents[2] / "examples/read-repository.py")
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    os.environ["AHVAULT_PASSPHRASE"] = PASSPHRASE
    repository = reader.Repository(HERE / name)
    expected = {"restorePoints": []}
    for point, sums in zip(map(repository.point, repository.points), states):
        disks = [{"address": disk["name"], "size": disk["size"], "sha256": sum} for disk, sum in zip(point["disks"], sums)]
        expected["restorePoints"].append({"id": point["id"], "configuration": point["configuration"], "disks": disks})
    repository.load()
    expected["blobs"] = sorted(id.hex() for id in repository.places)
    if repository.keys:
        masters = [{"generation": number, "key": key.hex()} for number, key in repository.keys.masters.items()]
        expected |= {"passphrase": PASSPHRASE, "identity": repository.keys.identity.hex(), "masters": masters}
        expected["sessionKey"] = session_key(reader, repository)
    (HERE / f"{name}.json").write_text(json.dumps(expected, indent=2) + "\n")


def session_key(reader, repository):
    """How the key of one blob is derived."""
    id, (place, *_) = min(repository.places.items())
    data = (repository.folder / place[0]).read_bytes()[place[1]:]
    generation, salt = int.from_bytes(data[6:8], "little"), data[16:32]
    key = reader.HKDF(reader.SHA256(), 32, salt, b"ahvault blob 1").derive(repository.keys.masters[generation])
    return {"blob": id.hex(), "generation": generation, "salt": salt.hex(), "info": "ahvault blob 1", "key": key.hex()}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.argv[1] = os.path.abspath(sys.argv[1])
    describe("plain", make("plain", "codec: { type: zstd }, chunker: fixed"))
    encryption = "codec: { type: lz4 }, chunker: content, chunkSize: 32KiB, encryption: { passphrase: \"env:AHVAULT_PASSPHRASE\" }"
    describe("encrypted", make("encrypted", encryption, between=("repository", "key", "rotate")))
