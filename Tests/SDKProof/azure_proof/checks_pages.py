"""Page blobs by azure-storage-blob."""

from azure.storage.blob import BlobType, SequenceNumberAction

from lab import refused

MIB = 1 << 20


def pages(lab):
    """pages are written, cleared, listed and read"""
    blob = lab.container().get_blob_client("disk.vhd")
    blob.create_page_blob(8 * MIB, sequence_number=3)
    assert blob.get_blob_properties().page_blob_sequence_number == 3
    blob.upload_page(b"\1" * 4096, 512, 4096, validate_content=True)
    blob.upload_page(b"\2" * 512, 4 * MIB, 512)
    blob.clear_page(1024, 512)
    ranges, cleared = blob.get_page_ranges()
    found = [(r["start"], r["end"]) for r in ranges]
    assert found == [(512, 1023), (1536, 4607), (4 * MIB, 4 * MIB + 511)], found
    assert not cleared
    body = blob.download_blob().readall()
    assert len(body) == 8 * MIB and body[512:1024] == b"\1" * 512 and not any(body[1024:1536])
    window = [(r.start, r.end) for r in blob.list_page_ranges(offset=0, length=2048)]
    assert window == [(512, 1023), (1536, 2047)], window


def paging(lab):
    """page ranges come in pages"""
    blob = lab.container().get_blob_client("disk.vhd")
    blob.create_page_blob(MIB)
    for number in range(9):
        blob.upload_page(b"x" * 512, number * 2048, 512)
    found = [len(list(p)) for p in blob.list_page_ranges(results_per_page=4).by_page()]
    assert found == [4, 4, 1], found


def refusals(lab):
    """what is not allowed on a page blob is refused"""
    container = lab.container()
    blob = container.get_blob_client("disk.vhd")
    blob.create_page_blob(MIB)
    refused(lambda: blob.upload_page(b"x" * 512, MIB, 512), 416, "InvalidPageRange")
    refused(lambda: blob.upload_page(b"x" * 512, 0, 512, if_sequence_number_lt=0), 412, "SequenceNumberConditionNotMet")
    other = container.get_blob_client("other")
    other.upload_blob(b"x")
    refused(lambda: other.upload_page(b"x" * 512, 0, 512), 409, "InvalidBlobType")
    refused(lambda: blob.stage_block("1", b"x"), 409, "InvalidBlobType")


def resizing(lab):
    """a page blob is resized and numbered"""
    blob = lab.container().get_blob_client("disk.vhd")
    blob.create_page_blob(1024)
    blob.upload_page(b"x" * 1024, 0, 1024)
    blob.resize_blob(512)
    blob.resize_blob(2048)
    assert blob.download_blob().readall() == b"x" * 512 + bytes(1536)
    blob.set_sequence_number(SequenceNumberAction.UPDATE, 7)
    blob.set_sequence_number(SequenceNumberAction.INCREMENT)
    assert blob.get_blob_properties().page_blob_sequence_number == 8


def upload(lab):
    """the SDK's own upload of a sparse disk writes only what is not zero"""
    container = lab.container(max_page_size=MIB)
    body = b"a" * MIB + bytes(6 * MIB) + b"b" * MIB
    blob = container.get_blob_client("disk.vhd")
    blob.upload_blob(body, blob_type=BlobType.PAGEBLOB)
    ranges, _ = blob.get_page_ranges()
    assert [(r["start"], r["end"] + 1) for r in ranges] == [(0, MIB), (7 * MIB, 8 * MIB)]
    assert blob.download_blob().readall() == body
    assert [b.blob_type for b in container.list_blobs()] == [BlobType.PAGEBLOB]


CHECKS = [pages, paging, refusals, resizing, upload]
