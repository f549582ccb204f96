"""A Prism that only serves v4.0: no negotiation, no newer paths, no newer members."""

import json

import ntnx_vmm_py_client as vmm

from checks_inventory import refused
from clients import client, vm_model, with_version


def api(lab, version):
    """The VM API of the SDK with the version of its paths set."""
    found = vmm.VmApi(client(vmm, lab.ready["prismCentral"], lab.ready["certificates"], negotiate=False))
    return with_version(found, "v4.3", version)


def old_paths(lab):
    """v4.0 answers, v4.1 and v4.2 are 404"""
    assert len(api(lab, "v4.0").list_vms().data) == 3
    refused(api(lab, "v4.1").list_vms, 404)
    refused(api(lab, "v4.2").list_vms, 404)


def no_negotiation(lab):
    """the version question is 404"""
    import admin

    try:
        admin.request(lab, "OPTIONS", "/api/vmm/unversioned/info")
    except Exception as error:
        assert error.code == 404
    else:
        raise AssertionError("it was answered")


def old_members(lab):
    """answers have no members of v4.1, and requests with them are refused"""
    vms = api(lab, "v4.0")
    vm = vms.list_vms(_filter="name eq 'web-01'").data[0]
    assert type(vm).__name__ == "Vm" and vm.nics[0].backing_info.mac_address and vm.nics[0].nic_backing_info is None
    disk = vm_model("Disk", backing_info=vm_model("VmDisk", data_source=vm_model("DataSource", reference=vm_model("VolumeDiskReference", 
        disk_ext_id=vm.disks[0].ext_id, volume_group_ext_id=vm.disks[0].ext_id))))
    error = refused(
        lambda: vms.create_vm(vm_model("Vm", name="x", cluster=vm.cluster, disks=[disk])), 400)
    body = json.loads(error.body)["data"]["error"]
    assert body["$objectType"] == "vmm.v4.error.SchemaValidationError"
    assert "VolumeDiskReference" in body["validationErrorMessages"][0]["message"]
    nic = vm_model("Nic", nic_backing_info=vm_model("VirtualEthernetNic"))
    refused(lambda: vms.create_vm(vm_model("Vm", name="x", cluster=vm.cluster, nics=[nic])), 400)


CHECKS = [old_paths, no_negotiation, old_members]
