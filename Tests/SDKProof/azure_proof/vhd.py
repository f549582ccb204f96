"""Fixed VHDs, and the disks of the simulator that take them."""

import struct
import uuid

MIB = 1 << 20


def footer(size, kind=2, cookie=b"conectix"):
    """The last 512 bytes of a VHD whose disk has that many bytes."""
    body = struct.pack(
        ">8sIIQI4sI4sQQHBBI", cookie, 2, 0x10000, (1 << 64) - 1, 0, b"win ", 0x60003, b"Wi2k", size, size, 1, 1, 1, kind)
    rest = uuid.UUID(int=7).bytes + bytes(1 + 427)
    checksum = ~sum(body + rest) & 0xFFFFFFFF
    return body + struct.pack(">I", checksum) + rest


def disk(mib=20, **options):
    """A whole VHD with something at its begin and in its middle."""
    body = bytearray(mib * MIB)
    body[:4096] = b"\1" * 4096
    body[5 * MIB:5 * MIB + 70_000] = b"\2" * 70_000
    return bytes(body) + footer(mib * MIB, **options)
