#!/usr/bin/env python3
"""Reads an AHVault repository in a local folder, by docs/formats/repository.md alone.

    read-repository.py FOLDER list                      restore points, oldest first, and their disks
    read-repository.py FOLDER disk POINT DISK FILE      one disk as a new raw, sparse file

POINT is a restore point's name or its beginning, DISK an address such as scsi.0, or the disk's id. The passphrase of an
encrypted repository is read from AHVAULT_PASSPHRASE. Needs the packages of requirements.txt. Nothing is trusted: every
byte that is written was compared with the id that the restore point names.
"""
import functools, hashlib, hmac, json, os, struct, sys, zlib
from pathlib import Path
import lz4.block, zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

UNIT, LEAF, FAN, CHUNK_LIMIT, NODE_LIMIT, PACK_LIMIT = 4096, 4 << 20, 256, 4 << 20, 8 + 1024 * 40, 256 << 20


class Trouble(Exception):
    """What is wrong, and with which object."""


# What is raised when bytes are damaged.
DAMAGE = (Trouble, OSError, ValueError, struct.error, zlib.error, zstandard.ZstdError, lz4.block.LZ4BlockError)


def need(condition, message):
    if not condition:
        raise Trouble(message)


def decrypt(cipher, nonce, data, facts, what):
    try:
        return cipher.decrypt(nonce, data, facts)
    except InvalidTag:
        raise Trouble(f"{what} was altered: its encrypted bytes do not fit their tag") from None


def decompress(codec, stored, raw):
    """The raw bytes of a blob, or a few more when it is damaged."""
    need(codec in (0, 1, 2, 3), f"codec {codec} is not known to this reader")
    if codec == 1:
        return zstandard.ZstdDecompressor().stream_reader(stored).read(raw + 1)
    if codec == 2:
        return lz4.block.decompress(stored, uncompressed_size=raw)
    return zlib.decompressobj().decompress(stored, raw + 1) if codec == 3 else stored


class Keys:
    """The key ring of an encrypted repository."""

    def __init__(self, slots, passphrase):
        need(slots, "the repository is encrypted and has no key slot that can be read")
        need(passphrase, "the repository is encrypted: put its passphrase into AHVAULT_PASSPHRASE")
        slots.sort(key=lambda slot: -slot["generation"])
        ring = next(filter(None, (self.unwrap(slot, passphrase) for slot in slots)), None)
        need(ring, "the passphrase is wrong: it opens none of the key slots")
        self.identity = bytes.fromhex(ring["identity"])
        self.masters = {master["generation"]: bytes.fromhex(master["key"]) for master in ring["masters"]}

    def unwrap(self, slot, passphrase):
        """The ring in a slot, None when its passphrase is another one."""
        kind, salt, n, r, p = (slot["kdf"][name] for name in ("type", "salt", "N", "r", "p"))
        need(kind == "scrypt" and 128 * n * r * p <= 1 << 30, f"key slot {slot['id']} is not for this reader")
        both = hashlib.scrypt(passphrase, salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=2147483646, dklen=64)
        if both[32:].hex() != slot["verifier"]:
            return None
        slot |= {"magic": "ahvault key 1", "type": kind, "salt": salt, "N": n, "r": r, "p": p}
        facts = "magic repository id created generation type salt N r p verifier label".split()
        facts = "\n".join(str(slot[name]) for name in facts).encode()
        return json.loads(decrypt(AESGCM(both[:32]), bytes(12), bytes.fromhex(slot["wrapped"]), facts, "a key slot"))

    @functools.lru_cache(maxsize=1024)
    def session(self, generation, salt, purpose):
        """The cipher of a writer's session."""
        need(generation in self.masters, f"the passphrase does not open key generation {generation}")
        return AESGCM(HKDF(SHA256(), 32, salt, purpose).derive(self.masters[generation]))


class Repository:
    def __init__(self, folder):
        self.folder, self.keys, self.places, self.unread = Path(folder), None, None, {}
        need((self.folder / "config").is_file(), f"{folder} has no `config`: it is no repository")
        config = self.document("config", "CONFIG")
        hash, scheme = config["hash"], config["encryption"]["scheme"]
        need(hash == "sha256" and scheme in ("none", "aes-256-gcm"), f"hash {hash} or encryption {scheme} is unknown")
        if scheme != "none":
            slots = [self.attempt(self.document, name, "KEY") for name in self.files("keys")]
            slots = [slot for slot in slots if slot and slot["repository"] == config["repository"]]
            self.keys = Keys(slots, os.environb.get(b"AHVAULT_PASSPHRASE"))
        self.points = dict(sorted((Path(name).name, name) for name in self.files("manifests")))

    def files(self, below):
        """Names of the objects below a folder; what starts with a dot is none."""
        found = (path for path in sorted((self.folder / below).rglob("*")) if path.is_file())
        return [name for name in (str(path.relative_to(self.folder)) for path in found) if "/." not in name]

    def attempt(self, read, name, *rest):
        """What `read` makes of an object that can be done without."""
        try:
            return read(name, *rest)
        except (Trouble, struct.error) as error:
            print(f"{name} is not used: {error}", file=sys.stderr)

    def document(self, name, kind):
        """A sealed JSON document; manifests of encrypted repositories are encrypted."""
        line, seal, body = ((self.folder / name).read_bytes().split(b"\n", 2) + [b"", b""])[:3]
        words = line.decode("ascii", "replace").split(" ")
        need(words[:3] == ["AHVAULT", kind, "1"], f"{name} is no {kind} of format version 1, but {' '.join(words[:3])}")
        digest = hashlib.sha256(line + b"\n" + body).hexdigest()
        need(seal.decode("ascii", "replace") == f"sha256 {digest}", f"{name} is damaged: its checksum does not fit")
        is_encrypted = self.keys is not None and kind == "MANIFEST"
        need(words[3:4] == ["aes-256-gcm"] * is_encrypted, f"{name} is encrypted otherwise than the repository")
        if is_encrypted:
            cipher = self.keys.session(int(words[4]), bytes.fromhex(words[5]), b"ahvault manifest 1")
            nonce = bytes.fromhex(words[6])[::-1] + bytes(4)
            body = decrypt(cipher, nonce, body, line + b"\n" + name.encode(), name)
        return json.loads(body)

    def load(self):
        """Finds every blob by the index runs, and by the tables of the packs that no run lists."""
        self.places, self.unread = {}, {Path(name).name: name for name in self.files("packs")}
        runs = [self.attempt(self.load_run, name) for name in self.files("index")]
        for pack in set(self.unread).difference(*filter(None, runs)):
            self.attempt(self.load_table, self.unread.pop(pack))

    def load_run(self, name):
        """Takes in an index run; the names of its packs."""
        data = (self.folder / name).read_bytes()
        magic, version, pack_count, entry_count = struct.unpack_from("<8sHxxII", data)
        start = 32 + 24 * pack_count
        need(magic == b"AHVINDX1" and version == 1, "it is no index run of version 1")
        need(len(data) == start + 48 * entry_count + 8, "its counts do not fit its size")
        packs = [data[at:at + 16].hex() for at in range(32, start, 24)]
        for id, pack, offset, stored, raw in struct.iter_unpack("<32sIIII", data[start:-8]):
            need(pack < pack_count, "it names a pack that it does not list")
            if packs[pack] in self.unread:  # a run may outlive packs
                self.places.setdefault(id, []).append((self.unread[packs[pack]], offset, stored, raw & 0xFFFFFF))
        return packs

    def load_table(self, name):
        """Takes in the table at the end of a pack."""
        with open(self.folder / name, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            need(104 <= size <= PACK_LIMIT, "it has an impossible size")
            file.seek(size - 40)
            table, count, magic = struct.unpack("<II24x8s", file.read(40))
            need(magic == b"AHVPEND1" and table + 56 * count + 40 == size, "its end is damaged")
            file.seek(table)
            for id, offset, stored, raw in struct.iter_unpack("<32sIII12x", file.read(56 * count)):
                self.places.setdefault(id, []).append((name, offset, stored, raw))

    def blob(self, id, limit, what):
        """The bytes of a blob, from the first copy that fits its id."""
        if self.places is None:
            self.load()
        troubles = []
        for copy in self.places.get(id, []):
            try:
                return self.copy(id, limit, *copy)
            except DAMAGE as error:
                troubles.append(f"{copy[0]} at byte {copy[1]}: {error}")
        need(self.unread, f"{what} {id.hex()} is lost: " + ("; ".join(troubles) or "no pack has it"))
        while self.unread:  # the runs were no help: what counts is the packs' own tables
            self.attempt(self.load_table, self.unread.popitem()[1])
        return self.blob(id, limit, what)

    def copy(self, id, limit, name, offset, stored, raw):
        need(raw <= limit and stored <= raw + 40, "it claims an impossible size")
        with open(self.folder / name, "rb") as file:
            file.seek(offset)
            header, content = file.read(16), file.read(stored)
        magic, codec, flags, generation, *sizes = struct.unpack("<4sBBHII", header)
        need(magic == b"BLOB" and sizes == [stored, raw] and len(content) == stored, "it is not there")
        need(flags == (1 if self.keys else 0), "it is encrypted otherwise than the repository")
        if self.keys:
            cipher = self.keys.session(generation, content[:16], b"ahvault blob 1")
            kind = {"d": b"\1", "m": b"\2"}[name.split("/")[1]]
            content = decrypt(cipher, content[16:24] + bytes(4), content[24:], id + header + kind, "it")
        content = decompress(codec, content, raw)
        digest = hashlib.sha256(content).digest()
        digest = hmac.digest(self.keys.identity, digest, "sha256") if self.keys else digest
        need(len(content) == raw and digest == id, "its content does not fit its id")
        return content

    def point(self, text):
        found = [point for point in self.points if point.startswith(text)]
        need(len(found) == 1, f"{len(found) or 'no'} restore points begin with {text}")
        point = self.document(self.points[found[0]], "MANIFEST")
        for disk in point["disks"]:
            disk["name"] = "{bus}.{index}".format(**disk["address"])
        return point

    def extents(self, id, level, start):
        """Place on the disk, length, chunk, and place in the chunk, of all that is not zero below a node."""
        node, name = self.blob(id, NODE_LIMIT, "tree node"), f"tree node {id.hex()}"
        magic, version, found, count = struct.unpack_from("<4sBBH", node)
        need(magic == b"AHVN" and version == 1 and found == level, f"{name} is not one of level {level}")
        need(len(node) == 8 + count * (48 if level else 40), f"{name} has a wrong number of entries")
        end = 0
        for first, *entry in struct.iter_unpack("<H6xQ32s" if level else "<HHHxx32s", node[8:]):
            need(first >= end, f"the entries of {name} overlap")
            end = first + (1 if level else entry[0])
            need(end <= (FAN if level else LEAF // UNIT), f"the entries of {name} go beyond it")
            if level:
                yield from self.extents(entry[1], level - 1, start + first * LEAF * FAN ** (level - 1))
            else:
                yield start + first * UNIT, entry[0] * UNIT, entry[2], entry[1] * UNIT

    def write(self, disk, path):
        """Writes a disk to a new file; what its tree does not name stays a hole."""
        size, height, chunk = disk["size"], 1, (None, b"")
        while LEAF * FAN ** (height - 1) < size:
            height += 1
        with open(path, "xb") as file:
            file.truncate(size)
            root = disk.get("root")
            for at, count, id, skip in self.extents(bytes.fromhex(root["id"]), height - 1, 0) if root else ():
                if chunk[0] != id:
                    chunk = id, self.blob(id, CHUNK_LIMIT, "chunk")
                count = min(count, size - at)
                need(0 < count <= len(chunk[1]) - skip, f"chunk {id.hex()} is too short for its place at byte {at}")
                file.seek(at)
                file.write(chunk[1][skip:skip + count])


def main(folder, command, *arguments):
    repository = Repository(folder)
    if command == "list":
        for name in repository.points:
            point = repository.point(name)
            disks = [f"{disk['name']}={disk['size']}" for disk in point["disks"]]
            print(point["id"], point["vm"]["name"], *disks, sep="\t")
    else:
        point = repository.point(arguments[0])
        disks = {name: disk for disk in point["disks"] for name in (disk["id"], disk["name"])}
        need(arguments[1] in disks, f"restore point {point['id']} has no disk {arguments[1]}, but " + ", ".join(disks))
        repository.write(disks[arguments[1]], arguments[2])


if __name__ == "__main__":
    if (len(sys.argv), *sys.argv[2:3]) not in ((3, "list"), (6, "disk")):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (Trouble, OSError, ValueError, KeyError) as error:
        sys.exit(f"read-repository.py: {error}")
