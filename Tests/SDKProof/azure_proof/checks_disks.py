"""Managed disks by azure-mgmt-compute, azure-storage-blob and azcopy."""

import os
import random

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, BlobType, LinearRetry

from checks_azcopy import azcopy, done, url as blob_url
from checks_resources import compute
from lab import ACCOUNT, SUBSCRIPTION, refused
from vhd import MIB, disk, footer

ONCE = {"retry_policy": LinearRetry(backoff=0, retry_total=0, random_jitter_range=0)}
STORAGE = "/subscriptions/%s/resourceGroups/storage/providers/Microsoft.Storage/storageAccounts/%s" % (
    SUBSCRIPTION, ACCOUNT)


def make(lab, name, size, **more):
    """A disk that waits for its upload."""
    body = {"location": "westeurope", "sku": {"name": "StandardSSD_LRS"},
            "creation_data": {"create_option": "Upload", "upload_size_bytes": size}, **more}
    made = compute(lab).disks.begin_create_or_update("vms", name, body).result()
    assert made.disk_state == "ReadyToUpload", made.disk_state
    return made


def grant(lab, name, access, seconds=3600):
    """The URL of a disk's bytes."""
    return compute(lab).disks.begin_grant_access(
        "vms", name, {"access": access, "duration_in_seconds": seconds, "file_format": "VHD"}).result().access_sas


def revoke(lab, name):
    compute(lab).disks.begin_revoke_access("vms", name).result()


def blob(lab, sas):
    return BlobClient.from_blob_url(sas, connection_verify=lab.certificate, **ONCE)


def upload(lab, name, body, **more):
    """Makes a disk, fills it by Put Page as far as it is not zero, and ends the upload."""
    make(lab, name, len(body), **more)
    target = blob(lab, grant(lab, name, "Write"))
    for start in range(0, len(body), 4 * MIB):
        part = body[start:start + 4 * MIB]
        if any(part):
            target.upload_page(part, start, len(part))
    revoke(lab, name)
    made = compute(lab).disks.get("vms", name)
    assert made.disk_state == "Unattached", made.disk_state
    return made


def host(sas):
    """The same URL with the disk's own host in place of the address, by which azcopy knows a managed disk."""
    rest = sas.split("/", 3)[3]
    account, path = rest.split("/", 1)
    return "http://%s.z01.blob.storage.azure.net/%s" % (account, path)


def life(lab):
    """a disk is made, uploaded through its URL, read through another, and deleted"""
    body = disk()
    made = upload(lab, "life", body, os_type="Linux", hyper_v_generation="V2", tags={"a": "b"}, zones=["2"])
    assert made.disk_size_gb == 1 and made.disk_size_bytes == 20 * MIB and made.zones == ["2"], made
    assert made.hyper_v_generation == "V2" and made.tags == {"a": "b"}
    sas = grant(lab, "life", "Read")
    assert compute(lab).disks.get("vms", "life").disk_state == "ActiveSAS"
    assert blob(lab, sas).download_blob().readall() == body
    refused(lambda: blob(lab, sas).upload_page(b"x" * 512, 0, 512), 403, "AuthorizationPermissionMismatch")
    refused(lambda: compute(lab).disks.begin_delete("vms", "life"), 409, "OperationNotAllowed")
    revoke(lab, "life")
    compute(lab).disks.begin_delete("vms", "life").result()
    refused(lambda: blob(lab, sas).get_blob_properties(), 403, "AuthenticationFailed")


def states(lab):
    """the states of an upload follow its access, and nothing is taken after the end"""
    body = disk()
    make(lab, "states", len(body))
    sas = grant(lab, "states", "Write")
    target = blob(lab, sas)
    assert compute(lab).disks.get("vms", "states").disk_state == "ActiveUpload"
    assert target.get_blob_properties().size == len(body)
    assert target.get_page_ranges() == ([], [])
    target.upload_page(body[:4 * MIB], 0, 4 * MIB, validate_content=True)
    refused(lambda: target.download_blob(), 403, "AuthorizationPermissionMismatch")
    refused(lambda: target.create_page_blob(512), 403, "AuthorizationPermissionMismatch")
    refused(lambda: target.delete_blob(), 403, "AuthorizationPermissionMismatch")
    try:
        revoke(lab, "states")
    except HttpResponseError as error:
        assert error.error.code == "InvalidVhd" and "conectix" in error.message, error
    else:
        raise AssertionError("half a disk was taken")
    refused(lambda: target.upload_page(b"x" * 512, 0, 512), 403, "AuthenticationFailed")
    compute(lab).disks.begin_delete("vms", "states").result()


def renewal(lab):
    """access that expired in the middle is granted anew, and what was written is still there"""
    body = disk()
    make(lab, "renewal", len(body))
    first = grant(lab, "renewal", "Write")
    blob(lab, first).upload_page(body[:4 * MIB], 0, 4 * MIB)
    lab.fault(event="expireAccess")
    refused(lambda: blob(lab, first).upload_page(b"x" * 512, 0, 512), 403, "AuthenticationFailed")
    second = grant(lab, "renewal", "Write")
    assert second != first
    ranges, _ = blob(lab, second).get_page_ranges()
    assert [(r["start"], r["end"] + 1) for r in ranges] == [(0, 4 * MIB)], ranges
    for start in range(4 * MIB, len(body), 4 * MIB):
        part = body[start:start + 4 * MIB]
        blob(lab, second).upload_page(part, start, len(part))
    revoke(lab, "renewal")
    assert compute(lab).disks.get("vms", "renewal").disk_state == "Unattached"


def refusals(lab):
    """sizes, options and access that Azure refuses are refused"""
    disks = compute(lab).disks

    def attempt(**more):
        body = {"location": "westeurope", "creation_data": {"create_option": "Upload", "upload_size_bytes": 20 * MIB + 512}}
        disks.begin_create_or_update("vms", "never", {**body, **more})

    def of_size(size):
        attempt(creation_data={"create_option": "Upload", "upload_size_bytes": size})

    refused(lambda: of_size(20 * MIB), 400, "BadRequest")
    refused(lambda: of_size(19 * MIB + 512), 400, "BadRequest")
    refused(lambda: of_size((32 << 40) + MIB + 512), 400, "BadRequest")
    refused(lambda: attempt(disk_size_gb=20), 400, "InvalidParameter")
    refused(lambda: attempt(location="atlantis"), 400, "LocationNotAvailableForResourceType")
    refused(lambda: attempt(zones=["9"]), 400, "InvalidAvailabilityZone")
    refused(lambda: attempt(location="germanynorth", zones=["1"]), 400, "LocationNotSupportAvailabilityZones")
    refused(lambda: attempt(sku={"name": "Fast_LRS"}), 400, "InvalidParameter")
    refused(lambda: attempt(security_profile={"security_type": "TrustedLaunch"}), 400, "InvalidParameter")
    made = make(lab, "access", 20 * MIB + 512)
    assert made.provisioning_state == "Succeeded"
    refused(lambda: disks.begin_grant_access("vms", "access", {"access": "Read", "duration_in_seconds": 60}),
            409, "OperationNotAllowed")
    refused(lambda: disks.begin_grant_access("vms", "access", {"access": "Write", "duration_in_seconds": 0}),
            400, "InvalidParameter")
    refused(lambda: disks.begin_grant_access("vms", "none", {"access": "Write", "duration_in_seconds": 60}),
            404, "ResourceNotFound")


def imported(lab):
    """a page blob becomes a disk, when it is a fixed VHD of whole MiB"""
    container = lab.container()
    body = disk(21)

    def attempt(name, content, account=STORAGE, kind=BlobType.PAGEBLOB):
        container.upload_blob(name, content, blob_type=kind)
        return compute(lab).disks.begin_create_or_update("vms", name.replace(".vhd", ""), {
            "location": "westeurope", "os_type": "Linux", "hyper_v_generation": "V1",
            "creation_data": {"create_option": "Import", "source_uri": container.get_blob_client(name).url,
                              "storage_account_id": account}})

    made = attempt("good.vhd", body).result()
    assert made.disk_state == "Unattached" and made.disk_size_bytes == 21 * MIB
    container.delete_blob("good.vhd")
    assert blob(lab, grant(lab, "good", "Read")).download_blob().readall() == body
    refused(lambda: attempt("dynamic.vhd", disk(kind=3)), 400, "InvalidVhd")
    refused(lambda: attempt("cookie.vhd", disk(cookie=b"kookie!!")), 400, "InvalidVhd")
    refused(lambda: attempt("odd.vhd", bytes(20 * MIB + 4096) + footer(20 * MIB + 4096)), 400, "InvalidVhd")
    refused(lambda: attempt("short.vhd", bytes(20 * MIB) + footer(21 * MIB)), 400, "InvalidVhd")
    refused(lambda: attempt("block.vhd", body, kind=BlobType.BLOCKBLOB), 400, "BadRequest")
    refused(lambda: attempt("other.vhd", body, account=STORAGE + "x"), 400, "InvalidParameter")


def transfers(lab):
    """azcopy uploads a VHD to a managed disk, skips its zeros, and downloads the same bytes"""
    body = disk(64)
    with open(lab.path("azcopy.vhd"), "wb") as file:
        file.write(body)
    make(lab, "azcopy", len(body))
    sas = host(grant(lab, "azcopy", "Write"))
    before = len(lab.requests())
    done(lab, "copy", lab.path("azcopy.vhd"), sas, "--from-to=LocalBlob", "--blob-type=PageBlob", proxy=True)
    asked = lab.requests()[before:]
    assert {r["authorization"] for r in asked} == {"DiskSAS"}, asked
    operations = [r["operation"] for r in asked]
    assert operations.count("PutPage") == 3 and "PutBlob" not in operations, operations
    revoke(lab, "azcopy")
    sas = host(grant(lab, "azcopy", "Read"))
    done(lab, "copy", sas, lab.path("azcopy.down"), "--from-to=BlobLocal", proxy=True)
    with open(lab.path("azcopy.down"), "rb") as file:
        assert file.read() == body
    revoke(lab, "azcopy")


def wrong_size(lab):
    """azcopy finds that a disk was made for another size"""
    with open(lab.path("small.vhd"), "wb") as file:
        file.write(disk(20))
    make(lab, "bigger", 21 * MIB + 512)
    content, _ = azcopy(
        lab, "copy", lab.path("small.vhd"), host(grant(lab, "bigger", "Write")), "--from-to=LocalBlob",
        "--blob-type=PageBlob", proxy=True)
    assert not content


def page_blob(lab):
    """azcopy uploads a VHD as a page blob and downloads the same bytes, and a disk is made of it"""
    container = lab.container()
    body = disk(33)
    with open(lab.path("blob.vhd"), "wb") as file:
        file.write(body)
    target = blob_url(container, "blob.vhd")
    done(lab, "copy", lab.path("blob.vhd"), target, "--from-to=LocalBlob", "--blob-type=PageBlob", "--put-md5")
    done(lab, "copy", target, lab.path("blob.down"), "--from-to=BlobLocal", "--check-md5=FailIfDifferentOrMissing")
    with open(lab.path("blob.down"), "rb") as file:
        assert file.read() == body
    made = compute(lab).disks.begin_create_or_update("vms", "of-blob", {
        "location": "westeurope", "creation_data": {
            "create_option": "Import", "storage_account_id": STORAGE,
            "source_uri": "https://%s.blob.core.windows.net/%s/blob.vhd" % (ACCOUNT, container.container_name)}}).result()
    assert made.disk_size_bytes == 33 * MIB


def sparse(lab):
    """a sparse disk of 127 GiB costs what was written to it"""
    size = 127 << 30
    make(lab, "sparse", size + 512)
    target = blob(lab, grant(lab, "sparse", "Write"))
    places = [0, 12_345 * 512, 64 << 30, size - 512]
    piece = random.Random(7).randbytes(512)
    for place in places:
        target.upload_page(piece, place, 512)
    target.upload_page(footer(size), size, 512)
    revoke(lab, "sparse")
    source = blob(lab, grant(lab, "sparse", "Read"))
    assert source.get_blob_properties().size == size + 512
    ranges, _ = source.get_page_ranges()
    starts = [r["start"] for r in ranges]
    assert starts == places, starts
    assert source.download_blob(offset=64 << 30, length=1024).readall() == piece + bytes(512)
    used = sum(os.stat(os.path.join(lab.path("bodies"), n)).st_blocks * 512 for n in os.listdir(lab.path("bodies")))
    assert used < 1 << 30, used
    revoke(lab, "sparse")
    compute(lab).disks.begin_delete("vms", "sparse").result()


CHECKS = [life, states, renewal, refusals, imported, transfers, wrong_size, page_blob, sparse]
