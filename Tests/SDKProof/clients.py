"""SDK clients, one set of objects for each endpoint."""

import importlib
import time

import ntnx_clustermgmt_py_client as clustermgmt
import ntnx_dataprotection_py_client as dataprotection
import ntnx_prism_py_client as prism
import ntnx_vmm_py_client as vmm
import ntnx_volumes_py_client as volumes

from lab import API_KEY, PASSWORD


def model(package, path, /):
    """A model class of an SDK by its full type name, such as `vmm.v4.ahv.config.Vm`."""
    return getattr(importlib.import_module("%s.models.%s" % (package.__name__, path)), path.rsplit(".", 1)[1])


def vm_model(name, /, **members):
    """An object of a type of `vmm.v4.ahv.config`."""
    return model(vmm, "vmm.v4.ahv.config." + name)(**members)


def with_version(api, old, new):
    """The same API with another version in its paths: for servers that cannot be asked for theirs."""
    call = api.api_client._call_api

    def versioned(path, *arguments, **keywords):
        return call(path.replace("/%s/" % old, "/%s/" % new), *arguments, **keywords)

    api.api_client._call_api = versioned
    return api


def client(package, endpoint, authorities, key=False, password=PASSWORD, negotiate=True):
    """An `ApiClient` that trusts nothing but the simulator's own certificates."""
    configuration = package.Configuration()
    configuration.host = endpoint["address"]
    configuration.port = endpoint["port"]
    configuration.verify_ssl = True
    configuration.root_ca_certificate_file = authorities
    configuration.max_retry_attempts = 0
    # A new configuration shares these with all others of its package.
    configuration.api_key = {}
    configuration.api_key_prefix = {}
    if key:
        configuration.set_api_key(API_KEY)
    elif password is not None:
        configuration.username = "admin"
        configuration.password = password
    return package.ApiClient(configuration=configuration, allow_version_negotiation=negotiate)


class Central:
    """All APIs of a Prism Central that the proof uses."""

    def __init__(self, lab, **options):
        def api(package, name):
            return getattr(package, name)(client(package, lab.ready["prismCentral"], lab.ready["certificates"], **options))

        self.clusters = api(clustermgmt, "ClustersApi")
        self.containers = api(clustermgmt, "StorageContainersApi")
        self.vms = api(vmm, "VmApi")
        self.images = api(vmm, "ImagesApi")
        self.captured = api(vmm, "VmRecoveryPointsApi")
        self.points = api(dataprotection, "RecoveryPointsApi")
        self.groups = api(volumes, "VolumeGroupsApi")
        self.initiators = api(volumes, "IscsiClientsApi")
        self.tasks = api(prism, "TasksApi")
        self.categories = api(prism, "CategoriesApi")

    def wait(self, response, wanted="SUCCEEDED"):
        """Polls the task of a 202 answer to its end; returns it and the statuses that were seen."""
        assert type(response.data).__name__ == "TaskReference", type(response.data)
        seen = []
        while True:
            task = self.tasks.get_task_by_id(response.data.ext_id).data
            assert type(task).__name__ == "Task", type(task)
            if not seen or seen[-1] != task.status:
                seen.append(task.status)
            if task.status in ("SUCCEEDED", "FAILED", "CANCELED"):
                break
            time.sleep(0.02)
        assert task.status == wanted, (task.status, [m.message for m in task.error_messages or []])
        return task, seen


def entity(task, rel):
    """The id of the entity of that kind in a finished task."""
    return next(e.ext_id for e in task.entities_affected if e.rel == rel)


def etag(api, answer):
    """Keyword arguments that send the ETag of an answer back."""
    tag = api.api_client.get_etag(answer.data)
    assert tag and tag.startswith("YXBwbGljYXRpb24vanNvbg==:"), tag
    return {"if_match": tag}
