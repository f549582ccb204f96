"""VMs made, changed, switched and deleted; native restore."""

import ntnx_dataprotection_py_client as dataprotection
import ntnx_volumes_py_client as volumes

import admin
from checks_inventory import refused
from checks_protection import SHARED, common_reference, machine
from clients import Central, entity, etag, vm_model

MADE = {}


def content(lab, vm, number=0):
    """The bytes of a VM's disk."""
    found = next(each for each in admin.state(lab)["vms"] if each["extId"] == vm)
    with open(found["disks"][number]["path"], "rb") as file:
        return file.read()


def filled_group(lab, central, size, data):
    """A volume group with one disk whose bytes were written, as a restore does by iSCSI."""
    cluster = machine(central).cluster.ext_id
    container = central.containers.list_storage_containers(
        _filter="clusterExtId eq '%s'" % cluster).data[0].container_ext_id
    task, _ = central.wait(central.groups.create_volume_group(volumes.VolumeGroup(
        name="proof-restore", cluster_reference=cluster, disks=[volumes.VolumeDisk(
            index=0, disk_size_bytes=size, disk_data_source_reference=common_reference(
                ext_id=container, entity_type="STORAGE_CONTAINER"))])))
    group = entity(task, "volumes:config:volume-group")
    found = next(each for each in admin.state(lab)["volumeGroups"] if each["extId"] == group)
    with open(found["disks"][0]["path"], "r+b") as file:
        file.write(data)
    return group, found["disks"][0]["extId"], container


def remove_group(central, group):
    answer = central.groups.get_volume_group_by_id(group)
    central.wait(central.groups.delete_volume_group_by_id(group, **etag(central.groups, answer)))


def whole_machine(lab):
    """a VM made from volume group disks has their bytes, its NIC, boot type and category"""
    central = Central(lab)
    source = machine(central)
    group, disk, container = filled_group(lab, central, 2 << 20, b"restored" * 1000)
    nic = vm_model("Nic", 
        nic_backing_info=vm_model("VirtualEthernetNic", mac_address="50:6b:8d:aa:bb:cc"),
        nic_network_info=vm_model("VirtualEthernetNicNetworkInfo", 
            nic_type="NORMAL_NIC", subnet=vm_model("SubnetReference", ext_id=source.nics[0].network_info.subnet.ext_id)))
    spec = vm_model("Vm", 
        name="proof-vm", cluster=vm_model("ClusterReference", ext_id=source.cluster.ext_id), machine_type="Q35",
        memory_size_bytes=1 << 30, boot_config=vm_model("UefiBoot", is_secure_boot_enabled=True),
        categories=[vm_model("CategoryReference", ext_id=source.categories[0].ext_id)], nics=[nic],
        disks=[vm_model("Disk", 
            disk_address=vm_model("DiskAddress", bus_type="SCSI", index=3),
            backing_info=vm_model("VmDisk", 
                storage_container=vm_model("VmDiskContainerReference", ext_id=container),
                data_source=vm_model("DataSource", reference=vm_model("VolumeDiskReference", 
                    disk_ext_id=disk, volume_group_ext_id=group))))])
    task, _ = central.wait(central.vms.create_vm(spec))
    made = entity(task, "vmm:ahv:config:vm")
    MADE["vm"] = made
    remove_group(central, group)
    vm = central.vms.get_vm_by_id(made).data
    assert vm.power_state == "OFF" and vm.boot_config.is_secure_boot_enabled
    assert vm.nics[0].nic_backing_info.mac_address == "50:6b:8d:aa:bb:cc"
    assert (vm.disks[0].disk_address.bus_type, vm.disks[0].disk_address.index) == ("SCSI", 3)
    assert vm.disks[0].backing_info.disk_size_bytes == 2 << 20
    assert vm.categories[0].ext_id == source.categories[0].ext_id
    data = content(lab, made)
    assert len(data) == 2 << 20 and data[:8000] == b"restored" * 1000 and not any(data[8000:])


def power(lab):
    """power on with a fresh ETag; a second time the task fails"""
    central = Central(lab)
    made = MADE["vm"]
    tag = etag(central.vms, central.vms.get_vm_by_id(made))
    central.wait(central.vms.power_on_vm(made, **tag))
    again = central.vms.get_vm_by_id(made)
    assert again.data.power_state == "ON" and again.data.host.ext_id
    central.wait(central.vms.power_on_vm(made, **etag(central.vms, again)), wanted="FAILED")
    central.wait(central.vms.power_off_vm(made, **etag(central.vms, central.vms.get_vm_by_id(made))))


def devices(lab):
    """disks come and go by the VM's ETag; a taken address moves to the next free one"""
    central = Central(lab)
    made = MADE["vm"]
    group, disk, _ = filled_group(lab, central, 1 << 20, b"second")
    spec = vm_model("Disk", 
        disk_address=vm_model("DiskAddress", bus_type="SCSI", index=3),
        backing_info=vm_model("VmDisk", data_source=vm_model("DataSource", 
            reference=vm_model("VolumeDiskReference", disk_ext_id=disk, volume_group_ext_id=group))))
    central.wait(central.vms.create_disk(made, spec, **etag(central.vms, central.vms.get_vm_by_id(made))))
    remove_group(central, group)
    answer = central.vms.list_disks_by_vm_id(made)
    assert [d.disk_address.index for d in answer.data] == [3, 0]
    assert content(lab, made, 1)[:6] == b"second"
    refused(lambda: central.vms.delete_disk_by_id(made, answer.data[0].ext_id), 428)
    central.wait(central.vms.delete_disk_by_id(
        made, answer.data[0].ext_id, **etag(central.vms, central.vms.get_vm_by_id(made))))
    assert len(central.vms.list_disks_by_vm_id(made).data) == 1


def rename(lab):
    """a VM is renamed by sending it back whole"""
    central = Central(lab)
    answer = central.vms.get_vm_by_id(MADE["vm"])
    tag = etag(central.vms, answer)
    answer.data.name = "proof-renamed"
    central.wait(central.vms.update_vm_by_id(MADE["vm"], answer.data, **tag))
    assert central.vms.get_vm_by_id(MADE["vm"]).data.name == "proof-renamed"


def labels(lab):
    """categories are put on a VM and taken off"""
    central = Central(lab)
    api = central.vms
    test = central.categories.list_categories(_filter="key eq 'Env' and value eq 'test'").data[0].ext_id
    reference = [vm_model("CategoryReference", ext_id=test)]
    made = MADE["vm"]
    central.wait(api.associate_categories(
        made, vm_model("AssociateVmCategoriesParams", categories=reference), **etag(api, api.get_vm_by_id(made))))
    assert test in [c.ext_id for c in api.get_vm_by_id(made).data.categories]
    central.wait(api.disassociate_categories(
        made, vm_model("DisassociateVmCategoriesParams", categories=reference), **etag(api, api.get_vm_by_id(made))))
    assert test not in [c.ext_id for c in api.get_vm_by_id(made).data.categories]


def hot_add(lab):
    """a volume group attached to a VM shows as one of its disks"""
    central = Central(lab)
    made = MADE["vm"]
    group, _, _ = filled_group(lab, central, 1 << 20, b"")
    api = central.groups
    central.wait(api.attach_vm(
        group, volumes.VmAttachment(ext_id=made, index=9), **etag(api, api.get_volume_group_by_id(group))))
    disks = central.vms.get_vm_by_id(made).data.disks
    assert type(disks[-1].backing_info).__name__ == "ADSFVolumeGroupReference"
    assert disks[-1].backing_info.volume_group_ext_id == group and disks[-1].disk_address.index == 9
    assert api.list_vm_attachments_by_volume_group_id(group).data[0].ext_id == made
    central.wait(api.detach_vm(
        group, volumes.VmAttachment(ext_id=made), **etag(api, api.get_volume_group_by_id(group))))
    remove_group(central, group)


def refusals(lab):
    """impossible VMs are refused before any task"""
    central = Central(lab)
    cluster = vm_model("ClusterReference", ext_id=machine(central).cluster.ext_id)
    refused(lambda: central.vms.create_vm(vm_model("Vm", name="a\"b", cluster=cluster)), 400)
    refused(lambda: central.vms.create_vm(vm_model("Vm", 
        name="x", cluster=cluster, boot_config=vm_model("UefiBoot", is_secure_boot_enabled=True), machine_type="PC")), 422)
    missing = vm_model("Disk", backing_info=vm_model("VmDisk", data_source=vm_model("DataSource", 
        reference=vm_model("VolumeDiskReference", disk_ext_id="00000000-0000-4000-8000-000000000000"))))
    refused(lambda: central.vms.create_vm(vm_model("Vm", name="x", cluster=cluster, disks=[missing])), 404)


def native(lab):
    """a native restore makes a new VM: off, without categories, with the bytes of the recovery point"""
    central = Central(lab)
    api = central.points
    point, part, _ = SHARED["second"]
    spec = dataprotection.RecoveryPointRestorationSpec(vm_recovery_point_restore_overrides=[
        dataprotection.VmRecoveryPointRestoreOverride(
            vm_recovery_point_ext_id=part,
            vm_override_spec=dataprotection.AhvVmOverrideSpec(name="proof-native"))])
    task, _ = central.wait(api.restore_recovery_point(point, spec, **etag(api, api.get_recovery_point_by_id(point))))
    made = next(d.value for d in task.completion_details if d.name == "vmExtIds")
    vm = central.vms.get_vm_by_id(made).data
    assert (vm.name, vm.power_state, vm.categories) == ("proof-native", "OFF", None)
    assert content(lab, made) == content(lab, machine(central).ext_id)
    delete(central, made)


def delete(central, vm):
    central.wait(central.vms.delete_vm_by_id(vm, **etag(central.vms, central.vms.get_vm_by_id(vm))))


def deletion(lab):
    """a VM is deleted with its disks"""
    central = Central(lab)
    delete(central, MADE["vm"])
    refused(lambda: central.vms.get_vm_by_id(MADE["vm"]), 404)
    assert MADE["vm"] not in [vm["extId"] for vm in admin.state(lab)["vms"]]


CHECKS = [whole_machine, power, devices, rename, labels, hot_add, refusals, native, deletion]
