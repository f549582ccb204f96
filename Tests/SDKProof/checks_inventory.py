"""Inventory, lists, sessions and errors."""

import ntnx_clustermgmt_py_client as clustermgmt
import ntnx_prism_py_client as prism
import ntnx_vmm_py_client as vmm

from clients import Central, client, etag


def refused(call, status):
    """Runs a call that must fail with that HTTP status; returns the SDK's exception."""
    try:
        call()
    except Exception as error:
        assert getattr(error, "status", None) == status, (status, getattr(error, "status", None), error)
        return error
    raise AssertionError("the call was not refused")


def clusters(lab):
    """clusters decode, Prism Central is among them, and only it has no network"""
    data = Central(lab).clusters.list_clusters().data
    assert [type(c).__name__ for c in data] == ["Cluster"] * 3
    own = [c for c in data if "PRISM_CENTRAL" in c.config.cluster_function]
    assert len(own) == 1 and own[0].network is None and own[0].config.hypervisor_types == ["$UNKNOWN"]
    prod = next(c for c in data if c.name == "prod")
    assert prod.network.external_data_service_ip.ipv4.value == "127.91.1.3"
    assert prod.nodes.node_list[0].controller_vm_ip.ipv4.value == "127.91.1.4"
    assert prod.config.build_info.version == "7.3.1.5" and prod.vm_count == 2
    other = next(c for c in data if c.name == "other")
    assert other.network.external_data_service_ip is None


def hosts(lab):
    """hosts and storage containers decode; a container's id is in containerExtId"""
    central = Central(lab)
    host = central.clusters.list_hosts().data[0]
    assert type(host).__name__ == "Host" and host.hypervisor.type == "AHV"
    container = central.containers.list_storage_containers(_filter="name eq 'default'").data[0]
    assert type(container).__name__ == "StorageContainer" and container.container_ext_id and not container.ext_id


def machines(lab):
    """a VM decodes with disks, drives, NICs, secure boot and categories"""
    central = Central(lab)
    vm = central.vms.list_vms(_filter="name eq 'web-01'").data[0]
    assert type(vm).__name__ == "Vm" and vm.machine_type == "Q35" and vm.power_state == "ON"
    assert type(vm.boot_config).__name__ == "UefiBoot" and vm.boot_config.is_secure_boot_enabled
    assert [type(d.backing_info).__name__ for d in vm.disks] == ["VmDisk", "VmDisk"]
    assert [(d.disk_address.bus_type, d.disk_address.index) for d in vm.disks] == [("SCSI", 0), ("SCSI", 1)]
    assert vm.disks[0].backing_info.disk_size_bytes == 64 << 20
    assert type(vm.cd_roms[0].backing_info.data_source.reference).__name__ == "ImageReference"
    nic = vm.nics[0]
    assert type(nic.nic_backing_info).__name__ == "VirtualEthernetNic" and nic.nic_backing_info.is_connected
    assert nic.backing_info.mac_address == nic.nic_backing_info.mac_address
    assert nic.network_info.ipv4_info.learned_ip_addresses[0].value == "10.0.0.5"
    category = central.categories.get_category_by_id(vm.categories[0].ext_id).data
    assert (type(category).__name__, category.key, category.value) == ("Category", "Env", "prod")
    tools = central.vms.get_guest_tools_by_id(vm.ext_id).data
    assert type(tools).__name__ == "GuestTools" and tools.is_vss_snapshot_capable
    assert type(central.images.list_images().data[0]).__name__ == "Image"


def paging(lab):
    """pages add up, and limits outside 1 to 100 are refused with a schema error"""
    central = Central(lab)
    names = []
    for page in range(4):
        answer = central.vms.list_vms(_page=page, _limit=1, _orderby="name desc")
        assert answer.metadata.total_available_results == 3
        rels = {link.rel for link in answer.metadata.links}
        assert ("next" in rels) == (page < 2) and {"self", "first", "last"} <= rels
        names += [vm.name for vm in answer.data or []]
    assert names == ["web-02", "web-01", "it's-03"], names
    error = refused(lambda: central.vms.list_vms(_limit=101), 400)
    assert "SchemaValidationError" in str(error.body)


def filters(lab):
    """filters compare, combine, double quotes and refuse unknown fields"""
    list_vms = Central(lab).vms.list_vms

    def names(text):
        return sorted(vm.name for vm in list_vms(_filter=text).data or [])

    assert names("startswith(name,'web')") == ["web-01", "web-02"]
    assert names("startswith(name,'web') and name ne 'web-01'") == ["web-02"]
    assert names("name in ('web-01', 'nobody') or name eq 'it''s-03'") == ["it's-03", "web-01"]
    assert names("not (powerState eq 'ON')") == ["it's-03"]
    assert names("powerState eq Vmm.Ahv.Config.PowerState'OFF'") == ["it's-03"]
    assert list_vms(_filter="name eq 'nobody'").data is None
    refused(lambda: list_vms(_filter="memorySizeBytes gt 1"), 400)
    refused(lambda: list_vms(_filter="name eq"), 400)


def signing_in(lab):
    """basic sign-in, API key and a wrong password"""
    assert Central(lab, key=True).vms.list_vms().metadata.total_available_results == 3
    api = vmm.VmApi(client(vmm, lab.ready["prismCentral"], lab.ready["certificates"], password="wrong"))
    refused(api.list_vms, 401)


def sessions(lab):
    """the SDK goes on with the session cookie, and signs in anew when it has expired"""
    central = Central(lab)
    central.vms.list_vms()
    assert central.vms.api_client._ApiClient__cookie
    import admin

    admin.post(lab, "/simulator/faults", {"event": "expire-sessions"})
    assert central.vms.list_vms().metadata.total_available_results == 3


def negotiation(lab):
    """version negotiation finds v4.2, and the SDK lowers itself to it"""
    central = Central(lab)
    href = central.vms.list_vms().metadata.links[0].href
    assert "/api/vmm/v4.2/" in href, href
    assert "/api/clustermgmt/v4.2/" in central.clusters.list_clusters().metadata.links[0].href


def missing(lab):
    """an unknown id is 404 with an application message; a newer path is 404 without one"""
    central = Central(lab)
    error = refused(lambda: central.vms.get_vm_by_id("00000000-0000-4000-8000-000000000000"), 404)
    assert "RESOURCE_NOT_FOUND" in str(error.body) and "VMM-" in str(error.body)
    api = vmm.VmApi(client(vmm, lab.ready["prismCentral"], lab.ready["certificates"], negotiate=False))
    error = refused(api.list_vms, 404)
    assert "errorGroup" not in str(error.body)


def categories(lab):
    """categories are made, changed and deleted at once; a second one alike is a conflict"""
    api = Central(lab).categories
    made = api.create_category(prism.Category(key="Proof", value="one")).data
    assert type(made).__name__ == "Category"
    refused(lambda: api.create_category(prism.Category(key="Proof", value="one")), 409)
    answer = api.get_category_by_id(made.ext_id)
    changed = answer.data
    changed.value = "two"
    api.update_category_by_id(made.ext_id, changed, **etag(api, answer))
    assert api.list_categories(_filter="key eq 'Proof'").data[0].value == "two"
    assert api.delete_category_by_id(made.ext_id) is None
    refused(lambda: api.get_category_by_id(made.ext_id), 404)


def entity_tags(lab):
    """If-Match: missing, malformed and stale are told apart"""
    central = Central(lab)
    vm = central.vms.list_vms(_filter="name eq 'web-02'").data[0]
    error = refused(lambda: central.vms.power_off_vm(vm.ext_id), 428)
    assert "PLAT-10004" in str(error.body) and "MISSING_ETAG_HEADER" in str(error.body)
    error = refused(lambda: central.vms.power_off_vm(vm.ext_id, if_match="*"), 412)
    assert "PLAT-10005" in str(error.body)
    old = etag(central.vms, central.vms.get_vm_by_id(vm.ext_id))
    central.wait(central.vms.power_off_vm(vm.ext_id, **old))
    error = refused(lambda: central.vms.power_on_vm(vm.ext_id, **old), 412)
    assert "VM_ETAG_MISMATCH" in str(error.body)
    fresh = central.vms.get_vm_by_id(vm.ext_id)
    assert fresh.data.power_state == "OFF"
    central.wait(central.vms.power_on_vm(vm.ext_id, **etag(central.vms, fresh)))


def throttling(lab):
    """a storm of 429 reaches the caller as such"""
    import admin

    admin.post(lab, "/simulator/faults", {"operation": "listClusters", "from": 1, "to": 2, "status": 429,
                                         "group": "RATE_LIMIT_EXCEEDED"})
    api = Central(lab).clusters
    refused(api.list_clusters, 429)
    refused(api.list_clusters, 429)
    assert len(api.list_clusters().data) == 3


CHECKS = [clusters, hosts, machines, paging, filters, signing_in, sessions, negotiation, missing, categories,
          entity_tags, throttling]
