"""Whole virtual machines by azure-mgmt-compute and azure-mgmt-network, from disks that were uploaded."""

from azure.core.exceptions import HttpResponseError

from checks_disks import make, upload
from checks_resources import compute, network
from lab import SUBSCRIPTION, refused
from vhd import MIB, disk

GROUP = "/subscriptions/%s/resourceGroups/vms/providers" % SUBSCRIPTION


def net(lab):
    """The id of a subnet that is there for all."""
    made = network(lab).virtual_networks.begin_create_or_update("vms", "net", {
        "location": "westeurope", "address_space": {"address_prefixes": ["10.9.0.0/16"]},
        "subnets": [{"name": "inner", "address_prefix": "10.9.1.0/24"}]}).result()
    return made.subnets[0].id


def interface(lab, name, **more):
    """A network interface."""
    configuration = {"name": "first", "primary": True, "subnet": {"id": net(lab)}, **more.pop("configuration", {})}
    return network(lab).network_interfaces.begin_create_or_update(
        "vms", name, {"location": "westeurope", "ip_configurations": [configuration], **more}).result()


def plan(os_disk, nic, size="Standard_D2s_v5", data=(), **more):
    """What a machine is asked for with."""
    return {
        "location": "westeurope", "hardware_profile": {"vm_size": size},
        "storage_profile": {
            "os_disk": {"create_option": "Attach", "caching": "ReadWrite", "delete_option": "Delete",
                        "managed_disk": {"id": os_disk.id}},
            "data_disks": [
                {"lun": lun, "create_option": "Attach", "caching": "None", "delete_option": "Detach",
                 "managed_disk": {"id": made.id}} for lun, made in data]},
        "network_profile": {
            "network_interfaces": [{"id": nic.id, "primary": True, "delete_option": "Delete"}]}, **more}


def whole(lab):
    """a whole machine is made of uploaded disks, runs, is stopped, and takes along what it is told to"""
    system = upload(lab, "vm-os", disk(), os_type="Linux", hyper_v_generation="V2",
                    security_profile={"security_type": "TrustedLaunch"})
    data = upload(lab, "vm-data", disk(24))
    group = network(lab).network_security_groups.begin_create_or_update("vms", "nsg", {
        "location": "westeurope", "security_rules": [
            {"name": "ssh", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
             "source_address_prefix": "*", "source_port_range": "*", "destination_address_prefix": "*",
             "destination_port_range": "22"}]}).result()
    address = network(lab).public_ip_addresses.begin_create_or_update("vms", "address", {
        "location": "westeurope", "sku": {"name": "Standard"}, "public_ip_allocation_method": "Static"}).result()
    nic = interface(
        lab, "vm-nic", network_security_group={"id": group.id}, enable_accelerated_networking=True,
        configuration={"public_ip_address": {"id": address.id}})
    assert nic.ip_configurations[0].private_ip_address == "10.9.1.4", nic.ip_configurations[0].private_ip_address
    machines = compute(lab).virtual_machines
    poller = machines.begin_create_or_update("vms", "vm", plan(
        system, nic, data=[(3, data)], tags={"from": "a restore point"}, security_profile={
            "security_type": "TrustedLaunch", "uefi_settings": {"secure_boot_enabled": True, "v_tpm_enabled": True}}))
    made = poller.result()
    assert made.provisioning_state == "Succeeded" and made.storage_profile.os_disk.os_type == "Linux"
    assert made.storage_profile.data_disks[0].lun == 3
    view = machines.instance_view("vms", "vm")
    assert "PowerState/running" in [s.code for s in view.statuses] and view.hyper_v_generation == "V2"
    assert machines.get("vms", "vm", expand="instanceView").instance_view.statuses
    assert compute(lab).disks.get("vms", "vm-data").managed_by.endswith("/virtualMachines/vm")
    refused(lambda: compute(lab).disks.begin_delete("vms", "vm-data"), 409, "OperationNotAllowed")
    refused(lambda: network(lab).network_interfaces.begin_delete("vms", "vm-nic"), 400, "NicInUse")
    refused(lambda: network(lab).virtual_networks.begin_delete("vms", "net"), 400, "InUseSubnetCannotBeDeleted")
    refused(
        lambda: network(lab).public_ip_addresses.begin_delete("vms", "address"), 400, "PublicIPAddressCannotBeDeleted")
    refused(
        lambda: network(lab).network_security_groups.begin_delete("vms", "nsg"), 400,
        "InUseNetworkSecurityGroupCannotBeDeleted")
    refused(
        lambda: compute(lab).disks.begin_grant_access("vms", "vm-data", {"access": "Read", "duration_in_seconds": 60}),
        409, "Conflict")
    machines.begin_deallocate("vms", "vm").result()
    assert compute(lab).disks.get("vms", "vm-data").disk_state == "Reserved"
    machines.begin_start("vms", "vm").result()
    machines.begin_power_off("vms", "vm").result()
    assert [m.name for m in machines.list("vms")] == ["vm"] and [m.name for m in machines.list_all()] == ["vm"]
    machines.begin_delete("vms", "vm").result()
    names = {d.name for d in compute(lab).disks.list_by_resource_group("vms")}
    assert "vm-os" not in names and "vm-data" in names, names
    refused(lambda: network(lab).network_interfaces.get("vms", "vm-nic"), 404, "ResourceNotFound")
    network(lab).public_ip_addresses.begin_delete("vms", "address").result()
    network(lab).network_security_groups.begin_delete("vms", "nsg").result()


def refusals(lab):
    """what cannot be a machine is refused before it is made"""
    first = upload(lab, "r-os", disk(), os_type="Linux", hyper_v_generation="V1")
    second = upload(lab, "r-os2", disk(), os_type="Linux", hyper_v_generation="V2")
    waiting = make(lab, "r-wait", 20 * MIB + 512)
    nic = interface(lab, "r-nic")
    machines = compute(lab).virtual_machines

    def attempt(status, code, *arguments, **more):
        body = plan(*arguments, **{k: v for k, v in more.items() if k in ("size", "data")})
        body.update({k: v for k, v in more.items() if k not in ("size", "data")})
        return refused(lambda: machines.begin_create_or_update("vms", "r", body), status, code)

    attempt(400, "InvalidParameter", first, nic, size="Standard_Q9")
    attempt(409, "SkuNotAvailable", first, nic, size="Standard_D2s_v6", location="northeurope")
    attempt(409, "QuotaExceeded", first, nic, size="Standard_F8s_v2")
    attempt(400, "BadRequest", second, nic, size="Standard_A1_v2")
    attempt(400, "InvalidParameter", first, nic, os_profile={"computer_name": "x"})
    attempt(400, "BadRequest", second, nic, security_profile={"security_type": "TrustedLaunch"})
    error = attempt(409, "OperationNotAllowed", first, nic, data=[(0, waiting)])
    assert "ReadyToUpload" in error.message, error.message
    attempt(409, "OperationNotAllowed", first, nic, size="Standard_B1s", data=[(n, second) for n in range(3)])
    attempt(400, "InvalidParameter", first, nic, data=[(1, second), (1, first)])
    attempt(400, "InvalidParameter", first, nic, data=[(64, second)])
    attempt(400, "InvalidParameter", first, nic, data=[(0, first)])
    attempt(400, "BadRequest", first, nic, zones=["1"])
    fast = interface(lab, "r-fast", enable_accelerated_networking=True)
    attempt(400, "VMSizeIsNotPermittedToEnableAcceleratedNetworking", first, fast, size="Standard_B1s")
    gone = plan(first, nic)
    gone["network_profile"]["network_interfaces"][0]["id"] = GROUP + "/Microsoft.Network/networkInterfaces/none"
    refused(lambda: machines.begin_create_or_update("vms", "r", gone), 404, "NotFound")
    machines.begin_create_or_update("vms", "r", plan(first, nic)).result()
    again = plan(second, nic)
    refused(lambda: machines.begin_create_or_update("vms", "r2", again), 400, "NicInUse")
    refused(lambda: machines.begin_create_or_update("vms", "r2", plan(first, fast)), 409, "ConflictingUserInput")
    refused(lambda: machines.begin_create_or_update("vms", "r", again), 409, "PropertyChangeNotAllowed")
    machines.begin_delete("vms", "r").result()


def failed(lab):
    """a machine that fails at its end is there, failed, and holds its disks until it is deleted"""
    system = upload(lab, "f-os", disk(), os_type="Linux")
    nic = interface(lab, "f-nic")
    lab.fault(operation="PutVirtualMachine", count=1, failsLater=True, code="OSProvisioningTimedOut")
    machines = compute(lab).virtual_machines
    try:
        machines.begin_create_or_update("vms", "f", plan(system, nic)).result()
    except HttpResponseError as error:
        assert error.error.code == "OSProvisioningTimedOut", error
    else:
        raise AssertionError("it succeeded")
    assert machines.get("vms", "f").provisioning_state == "Failed"
    refused(lambda: compute(lab).disks.begin_delete("vms", "f-os"), 409, "OperationNotAllowed")
    machines.begin_delete("vms", "f").result()
    refused(lambda: machines.get("vms", "f"), 404, "ResourceNotFound")


def networks(lab):
    """networks, addresses and rules that cannot be are refused"""
    manager = network(lab)
    subnet = net(lab)

    def virtual(prefix, *subnets):
        return manager.virtual_networks.begin_create_or_update("vms", "bad", {
            "location": "westeurope", "address_space": {"address_prefixes": [prefix]},
            "subnets": [{"name": "s%d" % n, "address_prefix": s} for n, s in enumerate(subnets)]})

    refused(lambda: virtual("10.1.0.1/16"), 400, "InvalidCIDRNotation")
    refused(lambda: virtual("10.1.0.0/16", "10.2.0.0/24"), 400, "NetcfgInvalidSubnet")
    refused(lambda: virtual("10.1.0.0/16", "10.1.0.0/23", "10.1.1.0/24"), 400, "NetcfgSubnetRangesOverlap")
    fixed = interface(
        lab, "fixed", configuration={"private_ip_allocation_method": "Static", "private_ip_address": "10.9.1.77"})
    assert fixed.ip_configurations[0].private_ip_address == "10.9.1.77"

    def card(**configuration):
        return manager.network_interfaces.begin_create_or_update("vms", "card", {
            "location": "westeurope", "ip_configurations": [{"name": "c", "subnet": {"id": subnet}, **configuration}]})

    static = {"private_ip_allocation_method": "Static"}
    refused(lambda: card(private_ip_address="10.9.1.77", **static), 400, "PrivateIPAddressIsAllocated")
    refused(lambda: card(private_ip_address="10.9.2.1", **static), 400, "PrivateIPAddressNotInSubnet")
    refused(lambda: card(private_ip_address="10.9.1.3", **static), 400, "PrivateIPAddressNotInSubnet")
    refused(lambda: card(subnet={"id": subnet + "x"}), 400, "InvalidResourceReference")
    refused(
        lambda: manager.public_ip_addresses.begin_create_or_update(
            "vms", "basic", {"location": "westeurope", "sku": {"name": "Basic"}}),
        400, "IPv4BasicSkuPublicIpCountLimitReached")
    made = manager.subnets.begin_create_or_update("vms", "net", "outer", {"address_prefix": "10.9.2.0/24"}).result()
    assert made.name == "outer"
    assert [s.name for s in manager.virtual_networks.get("vms", "net").subnets] == ["inner", "outer"]
    manager.subnets.begin_delete("vms", "net", "outer").result()
    assert [s.name for s in manager.subnets.list("vms", "net")] == ["inner"]
    manager.network_interfaces.begin_delete("vms", "fixed").result()


CHECKS = [whole, refusals, failed, networks]
