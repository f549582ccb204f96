"""Servers that targets are compared on: started on free ports of loopback, ended after the comparison."""

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OBJECT_PROGRAMS = ROOT / ".venv-objects" / "bin"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(what, ready, seconds=90):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.1)


class Server:
    process = None

    def launch(self, words, log):
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def stop(self):
        self.process.kill()
        self.process.wait()


class OpenSSH(Server):
    """For the user who runs this, with keys of its own."""

    def __init__(self, work, cipher=None):
        self.work, self.port = work, free_port()
        for key in ["host", "user"]:
            if not (work / key).exists():
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / key], check=True)
        (work / "authorized").write_text((work / "user.pub").read_text())
        host = " ".join((work / "host.pub").read_text().split()[:2])
        (work / "known").write_text(f"[127.0.0.1]:{self.port} {host}\n")
        lines = [
            f"ListenAddress 127.0.0.1:{self.port}", f"HostKey {work}/host", f"AuthorizedKeysFile {work}/authorized",
            "Subsystem sftp internal-sftp", "PidFile none", "UsePAM no", "StrictModes no",
            "PermitRootLogin prohibit-password"] + ([f"Ciphers {cipher}"] if cipher else [])
        (work / "sshd_config").write_text("\n".join(lines) + "\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.launch(["/usr/sbin/sshd", "-D", "-f", work / "sshd_config", "-E", work / "log"], work / "log")
        wait("sshd", lambda: answers(self.port))


class SeaweedFS(Server):
    """A real S3 server that checks signatures."""

    access, secret, bucket = "benchmark", "correct-horse-battery", "benchmark"

    def __init__(self, work):
        self.folder, self.port = work / "seaweed", free_port()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        rights = {"identities": [{
            "name": self.access, "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            "credentials": [{"accessKey": self.access, "secretKey": self.secret}]}]}
        (self.folder / "rights.json").write_text(json.dumps(rights))
        others = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
                  "filer.port.grpc", "s3.port.grpc"]
        self.launch([
            OBJECT_PROGRAMS / "weed", "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
            f"-s3.port={self.port}", f"-s3.config={self.folder}/rights.json", "-s3.port.iceberg=0",
            "-s3.port.lance=0", "-volume.max=500", "-master.volumeSizeLimitMB=1024", "-master.telemetry=false",
            *[f"-{name}={free_port()}" for name in others]], work / "log")
        wait("SeaweedFS", self.makes_bucket)

    def makes_bucket(self):
        status = subprocess.run(
            ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--noproxy", "*",
             "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", f"{self.access}:{self.secret}", "--request", "PUT",
             "--data", "", f"http://127.0.0.1:{self.port}/{self.bucket}"], capture_output=True, text=True).stdout
        return status in ("200", "409")


class Azure(Server):
    """Our simulator of Azure Blob Storage, its bodies in a folder."""

    account, container = "benchmark", "benchmark"
    key = base64.b64encode(b"an access key of benchmarks").decode()

    def __init__(self, work):
        self.folder = work / "azure"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        ready = self.folder / "ready.json"
        self.launch([
            ROOT / ".build/release/azure-simulator", "run", "--port", "0", "--account", f"{self.account}={self.key}",
            "--container", self.container, "--bodies", self.folder, "--ready-file", ready], work / "log")
        wait("azure-simulator", ready.exists)
        self.port = json.loads(ready.read_text())["port"]
