"""Block blobs, lists, conditions and leases by azure-storage-blob, with the account's key."""

import hashlib
import os
import uuid

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, ContentSettings, LinearRetry

from lab import refused


def round_trip(lab):
    """a blob put in one piece comes back with its properties, metadata and MD5"""
    for options in ({}, {"api_version": "2021-12-02"}):
        container = lab.container(**options)
        blob = container.get_blob_client("a folder/ü+(1) %41.bin")
        body = os.urandom(70_000)
        blob.upload_blob(
            body, metadata={"writer": "one", "Other_1": "two words"}, validate_content=True,
            content_settings=ContentSettings(content_type="text/plain", cache_control="no-store"))
        stream = blob.download_blob(validate_content=True)
        assert stream.readall() == body
        found = blob.get_blob_properties()
        assert found.size == 70_000 and found.content_settings.content_type == "text/plain"
        assert found.content_settings.cache_control == "no-store"
        assert bytes(found.content_settings.content_md5) == hashlib.md5(body).digest()
        assert {k.lower(): v for k, v in found.metadata.items()} == {"writer": "one", "other_1": "two words"}
        assert blob.download_blob(offset=1000, length=500).readall() == body[1000:1500]
        assert [b.name for b in container.list_blobs()] == [blob.blob_name]


def staged(lab):
    """a blob in blocks comes back whole, and the block list tells its blocks"""
    container = lab.container(max_block_size=256 * 1024, max_single_put_size=256 * 1024)
    body = os.urandom(1_500_000)
    blob = container.get_blob_client("large")
    blob.upload_blob(body, max_concurrency=4)
    assert blob.download_blob(max_concurrency=2).readall() == body
    committed, uncommitted = blob.get_block_list("all")
    assert [b.size for b in committed] == [262144] * 5 + [1_500_000 - 5 * 262144] and not uncommitted
    other = container.get_blob_client("by hand")
    for number in (1, 2, 3):
        other.stage_block("block-%d" % number, bytes([number]) * 10, validate_content=True)
    assert not list(container.list_blobs(name_starts_with="by"))
    assert [b.name for b in container.list_blobs(name_starts_with="by", include=["uncommittedblobs"])] == ["by hand"]
    other.commit_block_list([BlobBlock("block-3"), BlobBlock("block-1")])
    assert other.download_blob().readall() == bytes([3]) * 10 + bytes([1]) * 10
    refused(lambda: other.commit_block_list([BlobBlock("block-2")]), 400, "InvalidBlockList")
    other.stage_block("block-4", b"x")
    refused(lambda: other.stage_block("a longer id", b"x"), 400, "InvalidBlobOrBlock")


def listing(lab):
    """lists come in pages, by prefix, and folded at a delimiter"""
    container = lab.container()
    names = sorted("%s/%02d" % (folder, number) for folder in ("a", "b & <c>", "ü") for number in range(7))
    for name in names:
        container.upload_blob(name, name.encode(), metadata={"n": name[-1]})
    pages = list(container.list_blobs(results_per_page=4).by_page())
    pages = [[b.name for b in page] for page in pages]
    assert [len(p) for p in pages] == [4, 4, 4, 4, 4, 1], pages
    assert sum(pages, []) == sorted(names, key=lambda n: n.encode())
    found = list(container.list_blobs(name_starts_with="b & <c>/", include=["metadata"]))
    assert [b.metadata["n"] for b in found] == list("0123456") and found[0].size == len("b & <c>/00")
    assert [b.name for b in container.walk_blobs()] == ["a/", "b & <c>/", "ü/"]
    assert [b.name for b in container.walk_blobs(name_starts_with="a/")] == names[:7]
    assert [c.name for c in lab.service().list_containers(name_starts_with=container.container_name)] == [
        container.container_name]


def odd_pages(lab):
    """the SDK goes on behind short and empty pages"""
    container = lab.container()
    for number in range(5):
        container.upload_blob(str(number), b"")
    lab.fault(operation="ListBlobs", count=1, listLimit=0)
    lab.fault(operation="ListBlobs", skip=1, count=2, listLimit=1)
    pages = [len(list(page)) for page in container.list_blobs().by_page()]
    assert pages == [0, 1, 1, 3], pages


def strange_names(lab):
    """a name that XML cannot carry comes back as it was"""
    container = lab.container()
    for name in ("tab\tx", "one\x01two", "quote\"'"):
        container.upload_blob(name, b"1")
    assert sorted(b.name for b in container.list_blobs()) == sorted(["tab\tx", "one\x01two", "quote\"'"])


def conditions(lab):
    """conditions on writes and reads are kept, and creating is atomic"""
    container = lab.container()
    blob = container.get_blob_client("b")
    first = blob.upload_blob(b"one")
    refused(lambda: blob.upload_blob(b"two"), 409, "BlobAlreadyExists")
    refused(
        lambda: blob.upload_blob(b"two", overwrite=True, etag='"0x8D1"', match_condition=MatchConditions.IfNotModified),
        412, "ConditionNotMet")
    blob.upload_blob(b"two", overwrite=True, etag=first["etag"], match_condition=MatchConditions.IfNotModified)
    try:
        blob.download_blob(etag=first["etag"], match_condition=MatchConditions.IfNotModified)
    except ResourceModifiedError as error:
        assert error.error_code == "ConditionNotMet"
    else:
        raise AssertionError("it was read")
    refused(
        lambda: blob.delete_blob(etag=first["etag"], match_condition=MatchConditions.IfNotModified), 412, "ConditionNotMet")
    blob.delete_blob()
    assert not blob.exists()
    refused(blob.get_blob_properties, 404, "BlobNotFound")


def properties(lab):
    """headers and metadata are set anew"""
    blob = lab.container().get_blob_client("b")
    blob.upload_blob(b"x", metadata={"a": "1"})
    blob.set_http_headers(ContentSettings(content_type="text/html", content_language="de"))
    blob.set_blob_metadata({"b": "2"})
    found = blob.get_blob_properties()
    assert found.content_settings.content_type == "text/html" and found.content_settings.content_language == "de"
    assert found.metadata == {"b": "2"} and found.content_settings.content_md5 is None


def leases(lab):
    """a lease keeps others out, in all its states"""
    blob = lab.container().get_blob_client("b")
    blob.upload_blob(b"x")
    lease = blob.acquire_lease(15, lease_id=str(uuid.uuid4()))
    refused(lambda: blob.upload_blob(b"y", overwrite=True), 412, "LeaseIdMissing")
    refused(lambda: blob.delete_blob(lease=str(uuid.uuid4())), 412, "LeaseIdMismatchWithBlobOperation")
    refused(lambda: blob.acquire_lease(15), 409, "LeaseAlreadyPresent")
    blob.upload_blob(b"y", overwrite=True, lease=lease)
    lease.renew()
    lease.change(str(uuid.uuid4()))
    assert blob.get_blob_properties().lease.state == "leased"
    lease.release()
    lease = blob.acquire_lease(-1)
    assert blob.get_blob_properties().lease.duration == "infinite"
    assert lease.break_lease(0) == 0
    assert blob.get_blob_properties().lease.state == "broken"
    blob.delete_blob()


def retries(lab):
    """the SDK rides through 503, through cut connections and cut answers"""
    patient = LinearRetry(backoff=0, retry_total=4, random_jitter_range=0)
    container = lab.container(retry_policy=patient)
    lab.fault(operation="PutBlob", count=2, status=503, code="ServerBusy")
    container.upload_blob("b", b"x" * 100_000)
    lab.fault(operation="GetBlob", count=1, closes=True)
    assert container.download_blob("b").readall() == b"x" * 100_000
    lab.fault(operation="GetBlob", count=1, cutAnswer=500)
    assert container.download_blob("b").readall() == b"x" * 100_000
    statuses = [r["status"] for r in lab.requests() if r["operation"] == "PutBlob"][-3:]
    assert statuses == [503, 503, 201], statuses
    lab.clear_faults()
    lab.fault(operation="DeleteBlob", status=403, code="AuthorizationPermissionMismatch")
    refused(lambda: container.delete_blob("b"), 403, "AuthorizationPermissionMismatch")


def containers(lab):
    """containers are made once, have metadata, and are gone when deleted"""
    container = lab.container()
    refused(container.create_container, 409, "ContainerAlreadyExists")
    assert container.get_container_properties().name == container.container_name
    assert lab.service().get_account_information()["account_kind"] == "StorageV2"
    container.delete_container()
    try:
        container.get_container_properties()
    except ResourceNotFoundError as error:
        assert error.error_code == "ContainerNotFound"
    else:
        raise AssertionError("it is there")


CHECKS = [
    round_trip, staged, listing, odd_pages, strange_names, conditions, properties, leases, retries, containers,
]
