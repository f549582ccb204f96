"""Compares the VHD that landed in Azure with a file, as Microsoft's clients read it.

    python landed.py sdk URL FILE         azure-storage-blob: the length, every page that is there, and where the file has data
    python landed.py azcopy URL FILE DIR  azcopy downloads all of it into DIR
"""

import filecmp
import os
import subprocess
import sys

from azure.storage.blob import BlobClient

sys.dont_write_bytecode = True

from checks_azcopy import program

PIECE = 4 << 20


def data_of(file):
    """Where a sparse file holds data: offsets of beginnings and ends."""
    end = os.fstat(file.fileno()).st_size
    position = 0
    while position < end:
        try:
            start = os.lseek(file.fileno(), position, os.SEEK_DATA)
        except OSError:
            return
        position = os.lseek(file.fileno(), start, os.SEEK_HOLE)
        yield start, position


def joined(ranges):
    """The ranges in order, those that touch or overlap made one."""
    result = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return result


def by_sdk(url, path):
    blob = BlobClient.from_blob_url(url, api_version="2021-12-02")
    size = blob.get_blob_properties().size
    with open(path, "rb") as file:
        assert size == os.path.getsize(path), "%d bytes landed, not %d" % (size, os.path.getsize(path))
        pages, _ = blob.get_page_ranges()
        landed = [(page["start"], page["end"] + 1) for page in pages]
        compared = 0
        for start, end in joined(landed + list(data_of(file))):
            for offset in range(start, end, PIECE):
                count = min(PIECE, end - offset)
                file.seek(offset)
                assert blob.download_blob(offset, count).readall() == file.read(count), "bytes at %d differ" % offset
                compared += count
    print("%d bytes, %d compared" % (size, compared))


def by_azcopy(url, path, folder):
    """A disk's URL has the address of the simulator; azcopy knows a managed disk by its host, asked for through a proxy."""
    scheme, _, address, account, rest = url.split("/", 4)
    named = "http://%s.z01.blob.storage.azure.net/%s" % (account, rest)
    landed = os.path.join(folder, "azcopy.vhd")
    environment = {
        "HOME": folder, "PATH": os.environ["PATH"], "AZCOPY_LOG_LOCATION": folder, "AZCOPY_JOB_PLAN_LOCATION": folder,
        "AZCOPY_DISABLE_SYSLOG": "true", "HTTP_PROXY": "%s//%s" % (scheme, address)}
    result = subprocess.run(
        [program(), "copy", named, landed, "--from-to=BlobLocal", "--skip-version-check"], env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
    assert result.returncode == 0, result.stdout + result.stderr
    assert filecmp.cmp(landed, path, shallow=False), "azcopy downloaded other bytes"
    os.unlink(landed)
    print("%d bytes" % os.path.getsize(path))


if __name__ == "__main__":
    {"sdk": by_sdk, "azcopy": by_azcopy}[sys.argv[1]](*sys.argv[2:])
