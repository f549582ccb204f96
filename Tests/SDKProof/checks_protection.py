"""Recovery points, changed regions, volume groups, tasks."""

import datetime
import uuid

import ntnx_dataprotection_py_client as dataprotection
import ntnx_volumes_py_client as volumes

import admin
from checks_inventory import refused
from clients import Central, client, entity, etag, model, with_version

SHARED = {}


def soon(hours=24):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)


def machine(central, name="web-01"):
    return central.vms.list_vms(_filter="name eq '%s'" % name).data[0]


def protect(central, vm, name, kind="CRASH_CONSISTENT"):
    spec = dataprotection.RecoveryPoint(
        name=name, expiration_time=soon(), recovery_point_type=kind,
        vm_recovery_points=[dataprotection.VmRecoveryPoint(vm_ext_id=vm.ext_id)])
    task, seen = central.wait(central.points.create_recovery_point(spec))
    return next(d.value for d in task.completion_details if d.name == "recoveryPointExtId"), task, seen


def disks_of(central, point):
    part = central.points.get_recovery_point_by_id(point).data.vm_recovery_points[0].ext_id
    return part, central.points.get_vm_recovery_point_by_id(point, part).data.disk_recovery_points


def common_reference(**members):
    return model(volumes, "common.v1.config.EntityReference")(**members)


def content_model(name, /, **members):
    return model(dataprotection, "dataprotection.v4.content." + name)(**members)


def reference(point, part, disk):
    return content_model(
        "VmDiskRecoveryPointReference", recovery_point_ext_id=point, vm_recovery_point_ext_id=part,
        disk_recovery_point_ext_id=disk)


def discover(central, disk, older=None):
    spec = content_model(
        "ClusterDiscoverSpec", operation="COMPUTE_CHANGED_REGIONS",
        spec=content_model(
            "ComputeChangedRegionsClusterDiscoverSpec", disk_recovery_point=reference(*disk),
            reference_disk_recovery_point=reference(*older) if older else None))
    return central.points.discover_cluster_for_recovery_point_id(disk[0], spec).data


def element(lab, info, cookie=True, version="v4.0"):
    """The SDK pointed at a Prism Element. The token is for v4.0, so that is put into its paths."""
    endpoint = {"address": info.cluster_ip.ipv4.value, "port": 9440}
    api = dataprotection.RecoveryPointsApi(
        client(dataprotection, endpoint, lab.ready["certificates"], password=None, negotiate=False))
    if cookie:
        api.api_client.add_default_header("Cookie", "NTNX_IGW_SESSION=" + info.jwt_token)
    return with_version(api, "v4.4", version)


def compute(api, disk, older=None, offset=0, **more):
    """One page of changed regions, and the numbers beside it."""
    body = content_model("VmRecoveryPointChangedRegionsComputeSpec", offset=offset, **more)
    if older:
        body.reference_recovery_point_ext_id, body.reference_vm_recovery_point_ext_id, \
            body.reference_disk_recovery_point_ext_id = older
    answer = api.vm_recovery_point_compute_changed_regions(disk[0], disk[1], disk[2], body)
    extra = {pair.name: int(pair.value) for pair in answer.metadata.extra_info}
    return answer.data or [], extra


def regions(lab, central, disk, older=None):
    """All pages: (offset, length, type), how many pages, and the size of the disk."""
    api = element(lab, discover(central, disk, older))
    found, offset, pages = [], 0, 0
    while True:
        data, extra = compute(api, disk, older, offset)
        pages += 1
        assert all(type(region).__name__ == "ChangedRegion" for region in data)
        found += [(region.offset, region.length, region.region_type) for region in data]
        following = extra.get("nextOffset", 0)
        if following == 0 or following >= extra["fileSize"]:
            return found, pages, extra["fileSize"]
        assert following > offset
        offset = following


def recovery_point(lab):
    """a recovery point: its task runs QUEUED, RUNNING, SUCCEEDED; the top level hides the disks"""
    central = Central(lab)
    vm = machine(central)
    for position in range(5):
        admin.write(lab, "web-01", "scsi.0", position * (4 << 20), b"A" * 65536)
    point, task, seen = protect(central, vm, "proof-1")
    assert seen == ["QUEUED", "RUNNING", "SUCCEEDED"], seen
    assert entity(task, "dataprotection:config:recovery-point") == point
    assert entity(task, "vmm:ahv:config:vm") == vm.ext_id and task.progress_percentage == 100
    data = central.points.get_recovery_point_by_id(point).data
    assert type(data).__name__ == "RecoveryPoint" and data.status == "COMPLETE"
    assert data.recovery_point_type == "CRASH_CONSISTENT" and data.expiration_time
    assert data.vm_recovery_points[0].disk_recovery_points is None
    assert data.vm_recovery_points[0].vm_categories == ["Env/prod"]
    part, disks = disks_of(central, point)
    mapped = [disk.disk_ext_id for disk in disks if disk.disk_ext_id]
    assert mapped == [disk.ext_id for disk in vm.disks]
    assert len(disks) == len(mapped) + 2, "CD-ROM and NVRAM are listed without a disk"
    SHARED["first"] = (point, part, {d.disk_ext_id: d.disk_recovery_point_ext_id for d in disks if d.disk_ext_id})


def found_by_machine(lab):
    """recovery points are found by the VM they hold, newest first"""
    central = Central(lab)
    vm = machine(central)
    text = "vmRecoveryPoints/any(a:a/vmExtId eq '%s')" % vm.ext_id
    data = central.points.list_recovery_points(_filter=text, _orderby="creationTime desc").data
    assert [point.ext_id for point in data] == [SHARED["first"][0]]
    nobody = "vmRecoveryPoints/any(a:a/vmExtId eq '%s')" % uuid.uuid4()
    assert central.points.list_recovery_points(_filter=nobody).data is None


def captured(lab):
    """the vmm form of a VM recovery point holds the VM as it was"""
    central = Central(lab)
    answer = central.captured.get_vm_recovery_point_by_ext_id(SHARED["first"][1]).data
    assert type(answer).__name__ == "VmRecoveryPoint" and type(answer.vm).__name__ == "Vm"
    assert answer.vm.name == "web-01" and len(answer.vm.disks) == 2
    assert type(answer.vm.boot_config).__name__ == "UefiBoot"


def consistency(lab):
    """application-consistent is kept where the guest can, and comes back crash-consistent with a warning elsewhere"""
    central = Central(lab)
    point, task, _ = protect(central, machine(central), "proof-app", "APPLICATION_CONSISTENT")
    assert central.points.get_recovery_point_by_id(point).data.recovery_point_type == "APPLICATION_CONSISTENT"
    assert not task.warnings
    other, task, _ = protect(central, machine(central, "web-02"), "proof-app", "APPLICATION_CONSISTENT")
    assert central.points.get_recovery_point_by_id(other).data.recovery_point_type == "CRASH_CONSISTENT"
    assert type(task.warnings[0]).__name__ == "AppMessage"
    for each in (point, other):
        delete_point(central, each)


def delete_point(central, point):
    answer = central.points.get_recovery_point_by_id(point)
    central.wait(central.points.delete_recovery_point_by_id(point, **etag(central.points, answer)))


def used_map(lab):
    """the used map comes in pages of three, and says where the written blocks are"""
    central = Central(lab)
    point, part, disks = SHARED["first"]
    disk = machine(central).disks[0].ext_id
    found, pages, size = regions(lab, central, (point, part, disks[disk]))
    assert size == 64 << 20 and pages == 2, (size, pages)
    assert found == [(n * (4 << 20), 65536, "REGULAR") for n in range(5)], found


def difference(lab):
    """the difference of two recovery points: changed, zeroed, and nothing else"""
    central = Central(lab)
    vm = machine(central)
    admin.write(lab, "web-01", "scsi.0", 0, b"B" * 100)
    admin.zero(lab, "web-01", "scsi.0", 4 << 20, 65536)
    admin.write(lab, "web-01", "scsi.0", 8 << 20, b"A" * 65536)
    admin.write(lab, "web-01", "scsi.0", (64 << 20) - 512, b"C" * 512)
    point, _, _ = protect(central, vm, "proof-2")
    part, disks = disks_of(central, point)
    second = (point, part, {d.disk_ext_id: d.disk_recovery_point_ext_id for d in disks if d.disk_ext_id})
    SHARED["second"] = second
    disk = vm.disks[0].ext_id
    older = SHARED["first"]
    found, _, _ = regions(lab, central, (point, part, second[2][disk]), (older[0], older[1], older[2][disk]))
    assert found == [(0, 65536, "REGULAR"), (4 << 20, 65536, "ZEROED"), ((64 << 20) - 65536, 65536, "REGULAR")], found
    quiet = vm.disks[1].ext_id
    found, pages, size = regions(lab, central, (point, part, second[2][quiet]), (older[0], older[1], older[2][quiet]))
    assert (found, pages, size) == ([], 1, 8 << 20)


def windows(lab):
    """with a length, nextOffset is the end of the window"""
    central = Central(lab)
    point, part, disks = SHARED["first"]
    disk = (point, part, disks[machine(central).disks[0].ext_id])
    data, extra = compute(element(lab, discover(central, disk)), disk, length=1 << 20)
    assert [(r.offset, r.length) for r in data] == [(0, 65536)] and extra["nextOffset"] == 1 << 20
    data, _ = compute(element(lab, discover(central, disk)), disk, block_size_byte=262144)
    assert data[0].length == 262144


def tokens(lab):
    """changed regions: 501 on Prism Central, 401 without token or on another version, 403 for other disks"""
    central = Central(lab)
    point, part, disks = SHARED["first"]
    first, second = (disk.ext_id for disk in machine(central).disks)
    disk = (point, part, disks[first])
    info = discover(central, disk)
    refused(lambda: compute(central.points, disk), 501)
    refused(lambda: compute(element(lab, info, cookie=False), disk), 401)
    error = refused(lambda: compute(element(lab, info, version="v4.1"), disk), 401)
    assert "scope" in str(error.body)
    refused(lambda: compute(element(lab, info), (point, part, disks[second])), 403)
    path = "/api/dataprotection/v4.0/content/recovery-points/%s/vm-recovery-points/%s/disk-recovery-points/%s" % disk
    status = admin.status(lab, "https://127.91.1.2:9440" + path + "/$actions/compute-changed-regions", info.jwt_token)
    assert status == 403, status


def gone_reference(lab):
    """a reference recovery point that is gone is 404"""
    central = Central(lab)
    vm = machine(central)
    disk = vm.disks[0].ext_id
    point, _, _ = protect(central, vm, "proof-gone")
    part, disks = disks_of(central, point)
    older = (point, part, next(d.disk_recovery_point_ext_id for d in disks if d.disk_ext_id == disk))
    newer = (SHARED["second"][0], SHARED["second"][1], SHARED["second"][2][disk])
    info = discover(central, newer, older)
    delete_point(central, point)
    refused(lambda: compute(element(lab, info), newer, older), 404)
    refused(lambda: discover(central, newer, older), 404)


def expiry(lab):
    """expiry is set with the ETag; a time in the past is refused"""
    central = Central(lab)
    point = SHARED["second"][0]
    api = central.points
    answer = api.get_recovery_point_by_id(point)
    later = soon(100)
    spec = dataprotection.ExpirationTimeSpec(expiration_time=later)
    central.wait(api.set_recovery_point_expiration_time(point, spec, **etag(api, answer)))
    changed = api.get_recovery_point_by_id(point)
    assert abs((changed.data.expiration_time - later).total_seconds()) < 1
    past = dataprotection.ExpirationTimeSpec(expiration_time=soon(-1))
    refused(lambda: api.set_recovery_point_expiration_time(point, past, **etag(api, changed)), 400)


def idempotence(lab):
    """a write that is repeated with its request id gets the first one's task"""
    central = Central(lab)
    spec = dataprotection.RecoveryPoint(
        name="proof-twice", expiration_time=soon(),
        vm_recovery_points=[dataprotection.VmRecoveryPoint(vm_ext_id=machine(central, "web-02").ext_id)])
    request = str(uuid.uuid4())
    first = central.points.create_recovery_point(spec, NTNX_Request_Id=request, **{"NTNX-Request-Id": request})
    again = central.points.create_recovery_point(spec, NTNX_Request_Id=request, **{"NTNX-Request-Id": request})
    assert first.data.ext_id == again.data.ext_id
    central.wait(first)
    named = central.points.list_recovery_points(_filter="name eq 'proof-twice'").data
    assert len(named) == 1
    delete_point(central, named[0].ext_id)


def tasks(lab):
    """a failed task says why; a task that never ends can be cancelled; lists are newest first"""
    central = Central(lab)
    vm = machine(central, "web-02")
    admin.post(lab, "/simulator/faults", [
        {"operation": "createRecoveryPoint", "call": 1, "task": "fail"},
        {"operation": "createRecoveryPoint", "call": 2, "task": "never-ends"}])
    spec = dataprotection.RecoveryPoint(
        name="proof-fails", expiration_time=soon(),
        vm_recovery_points=[dataprotection.VmRecoveryPoint(vm_ext_id=vm.ext_id)])
    task, _ = central.wait(central.points.create_recovery_point(spec), wanted="FAILED")
    assert task.error_messages[0].error_group == "SIMULATED_FAULT" and task.legacy_error_message
    endless = central.points.create_recovery_point(spec)
    for _ in range(5):
        status = central.tasks.get_task_by_id(endless.data.ext_id).data.status
    assert status == "RUNNING"
    central.tasks.cancel_task(endless.data.ext_id)
    central.wait(endless, wanted="CANCELED")
    newest = central.tasks.list_tasks(_limit=1).data[0]
    assert newest.ext_id == endless.data.ext_id


def volume_group(lab):
    """a volume group cloned from recovery point disks is attached to an iSCSI client, detached and deleted"""
    central = Central(lab)
    api = central.groups
    vm = machine(central)
    point = SHARED["second"]
    disks = [
        volumes.VolumeDisk(index=index, disk_data_source_reference=common_reference(
            ext_id=point[2][disk.ext_id], entity_type="DISK_RECOVERY_POINT")) for index, disk in enumerate(vm.disks)]
    spec = volumes.VolumeGroup(
        name="proof-group", cluster_reference=vm.cluster.ext_id, usage_type="TEMPORARY", target_prefix="proof",
        iscsi_features=volumes.IscsiFeatures(target_secret="abcdefghijkl1", enabled_authentications="CHAP"),
        disks=disks)
    task, _ = central.wait(api.create_volume_group(spec))
    group = entity(task, "volumes:config:volume-group")
    answer = api.get_volume_group_by_id(group)
    data = answer.data
    assert type(data).__name__ == "VolumeGroup" and data.target_name == "proof-" + group
    assert data.usage_type == "TEMPORARY" and data.attachment_type == "NONE"
    assert data.iscsi_features.enabled_authentications == "CHAP" and data.iscsi_features.target_secret is None
    sizes = [(d.index, d.disk_size_bytes) for d in api.list_volume_disks_by_volume_group_id(group).data]
    assert sizes == [(0, 64 << 20), (1, 8 << 20)], sizes
    initiator = volumes.IscsiClient(
        iscsi_initiator_name="iqn.2026-01.example:proof", enabled_authentications="CHAP",
        client_secret="mnopqrstuvwx2", num_virtual_targets=1)
    task, _ = central.wait(api.attach_iscsi_client(group, initiator, **etag(api, answer)))
    name = entity(task, "volumes:config:iscsi-client")
    known = central.initiators.get_iscsi_client_by_id(name).data
    assert type(known).__name__ == "IscsiClient" and known.client_secret is None
    assert known.attached_targets[0].iscsi_target_name == "iqn.2010-06.com.nutanix:proof-" + group
    attached = api.get_volume_group_by_id(group)
    assert attached.data.attachment_type == "EXTERNAL"
    assert type(attached.data.attachments[0].attachment).__name__ == "IscsiClientAttachment"
    assert api.list_external_iscsi_attachments_by_volume_group_id(group).data[0].ext_id == name
    refused(lambda: api.delete_volume_group_by_id(group, **etag(api, attached)), 409)
    central.wait(api.detach_iscsi_client(
        group, volumes.IscsiClientAttachment(ext_id=name), **etag(api, attached)))
    central.wait(api.delete_volume_group_by_id(group, **etag(api, api.get_volume_group_by_id(group))))
    refused(lambda: api.get_volume_group_by_id(group), 404)
    assert central.initiators.get_iscsi_client_by_id(name).data.attached_targets is None


def protected_group(lab):
    """a volume group with an empty disk grows one, is protected, and its disks are found in the recovery point"""
    central = Central(lab)
    api = central.groups
    vm = machine(central)
    container = central.containers.list_storage_containers(
        _filter="clusterExtId eq '%s'" % vm.cluster.ext_id).data[0].container_ext_id

    def disk(index, size):
        return volumes.VolumeDisk(index=index, disk_size_bytes=size, disk_data_source_reference=common_reference(
            ext_id=container, entity_type="STORAGE_CONTAINER"))

    task, _ = central.wait(api.create_volume_group(volumes.VolumeGroup(
        name="proof-data", cluster_reference=vm.cluster.ext_id, disks=[disk(0, 1 << 20)])))
    group = entity(task, "volumes:config:volume-group")
    central.wait(api.create_volume_disk(group, disk(1, 2 << 20), **etag(api, api.get_volume_group_by_id(group))))
    assert len(api.list_volume_disks_by_volume_group_id(group).data) == 2
    refused(lambda: api.create_volume_disk(group, disk(1, 2 << 20), **etag(api, api.get_volume_group_by_id(group))), 400)
    spec = dataprotection.RecoveryPoint(
        name="proof-data", expiration_time=soon(),
        volume_group_recovery_points=[dataprotection.VolumeGroupRecoveryPoint(volume_group_ext_id=group)])
    task, _ = central.wait(central.points.create_recovery_point(spec))
    point = task.completion_details[0].value
    part = central.points.get_recovery_point_by_id(point).data.volume_group_recovery_points[0]
    assert part.volume_group_ext_id == group
    delete_point(central, point)
    central.wait(api.delete_volume_group_by_id(group, **etag(api, api.get_volume_group_by_id(group))))


CHECKS = [recovery_point, found_by_machine, captured, consistency, used_map, difference, windows, tokens,
          gone_reference, expiry, idempotence, tasks, volume_group, protected_group]
