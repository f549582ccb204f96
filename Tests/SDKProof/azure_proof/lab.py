"""Starts an Azure simulator for the proof, and stops it again; clients for it."""

import base64
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request

import identity
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient, LinearRetry

ACCOUNT = "proofaccount1"
KEY = base64.b64encode(b"a key of the proof, 32 bytes....").decode()
TENANT = "99999999-8888-7777-6666-555555555555"
OTHER_TENANT = "99999999-8888-7777-6666-444444444444"
SUBSCRIPTION = "12121212-3434-5656-7878-909090909090"


class Lab:
    """A running `azure-simulator`."""

    def __init__(self, binary):
        self.folder = tempfile.TemporaryDirectory(prefix="azure-proof-")
        ready = self.path("ready.json")
        self.certificate = self.path("certificate.pem")
        self.login, login = identity.make(self.folder.name)
        self.log = open(self.path("log"), "w+")
        self.process = subprocess.Popen(
            [binary, "run", "--port", "0", "--tls", "--account", "%s=%s" % (ACCOUNT, KEY), "--tenant", TENANT,
             "--foreign-tenant", OTHER_TENANT, "--subscription", SUBSCRIPTION, "--group", "vms=westeurope",
             "--retry-after", "0", "--quota", "standardFSv2Family=4", "--login", "signed=" + login,
             "--secret", "limited=lim/s3cret", "--allow", "limited=*/read,Microsoft.Compute/disks/*",
             "--secret", "app=app/s3cret", "--reader", "viewer=view/s3cret", "--identity", "machine",
             "--bodies", self.path("bodies"), "--certificate", self.certificate, "--ready-file", ready],
            stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while not os.path.exists(ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                text = self.log.read()
                self.stop()
                raise RuntimeError("the simulator did not start:\n" + text)
            time.sleep(0.02)
        with open(ready) as file:
            self.ready = json.load(file)
        self.plain = "http://127.0.0.1:%d" % self.ready["port"]
        self.secure = "https://127.0.0.1:%d" % self.ready["tlsPort"]
        self.containers = 0

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def service(self, credential=None, secure=False, query="", **options):
        """A client of the SDK that does not repeat what fails, unless it is told to."""
        if credential is None and not query:
            credential = {"account_name": ACCOUNT, "account_key": KEY}
        options.setdefault("retry_policy", LinearRetry(backoff=0, retry_total=0, random_jitter_range=0))
        if secure:
            options["connection_verify"] = self.certificate
        base = self.secure if secure else self.plain
        return BlobServiceClient("%s/%s%s" % (base, ACCOUNT, query), credential=credential, **options)

    def container(self, **options):
        """A new, empty container."""
        self.containers += 1
        container = self.service(**options).get_container_client("proof-%d" % self.containers)
        container.create_container()
        return container

    def control(self, method, body=None):
        request = urllib.request.Request(
            self.plain + "/_faults", method=method, headers={"x-simulator-key": self.ready["controlKey"]},
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def fault(self, **fault):
        self.control("POST", fault)

    def clear_faults(self):
        self.control("DELETE")

    def requests(self):
        """What the simulator was asked so far."""
        return json.loads(self.control("GET"))

    def stop(self):
        """Ends the simulator the way an administrator would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()
            self.folder.cleanup()
        return code


def refused(call, status, code):
    """Calls, and expects the refusal."""
    try:
        call()
    except HttpResponseError as error:
        assert error.status_code == status, (error.status_code, error.message)
        found = getattr(error, "error_code", None) or (error.error.code if error.error else None)
        assert found == code, (found, error.message)
        return error
    raise AssertionError("it was done")
