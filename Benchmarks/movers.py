"""Ways to move bytes to a server and back: each has `put` and `get`, which return seconds."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import measure

ROOT = Path(__file__).resolve().parent.parent


class Mover:
    """Moves the bytes of the files in `folder`."""

    def __init__(self, work, server, folder):
        self.work, self.server, self.folder = work, server, folder
        self.files = sorted(folder.iterdir())

    def timed(self, command, **options):
        return measure.run(command, self.work / "output", **options).wall


class OpenSSH(Mover):
    name = "OpenSSH sftp"

    def command(self, batch):
        (self.work / "batch").write_text(batch + "\n")
        return self.timed([
            "sftp", "-q", "-F", "none", "-P", self.server.port, "-i", self.work / "user", "-o", "BatchMode=yes",
            "-o", f"UserKnownHostsFile={self.work}/known", "-b", self.work / "batch", "127.0.0.1"])

    def put(self):
        return self.command(f"put {self.files[0]} {self.work}/remote/file")

    def get(self):
        return self.command(f"get {self.work}/remote/file {self.work}/back")


class Rclone(Mover):
    """The same number of files in flight as ours; each file whole, as ours."""

    lanes = 4

    def __init__(self, work, server, folder):
        super().__init__(work, server, folder)
        self.name = f"rclone, {self.lanes} in flight"

    def command(self, *words):
        return self.timed([
            ROOT / ".venv-objects/bin/rclone", *words, "--config", self.work / "none", "--transfers", self.lanes,
            "--checkers", self.lanes, "--no-check-dest", "--ignore-times"], environment=self.environment)

    def put(self):
        return self.command("copy", self.folder, self.remote + "/rclone")

    def get(self):
        back = self.folder.parent / "rclone-back"
        shutil.rmtree(back, ignore_errors=True)
        seconds = self.command("copy", self.remote + "/rclone", back)
        shutil.rmtree(back)
        return seconds


class RcloneS3(Rclone):
    @property
    def environment(self):
        return {
            "RCLONE_CONFIG_S_TYPE": "s3", "RCLONE_CONFIG_S_PROVIDER": "SeaweedFS",
            "RCLONE_CONFIG_S_ENDPOINT": f"http://127.0.0.1:{self.server.port}",
            "RCLONE_CONFIG_S_ACCESS_KEY_ID": self.server.access,
            "RCLONE_CONFIG_S_SECRET_ACCESS_KEY": self.server.secret, "RCLONE_CONFIG_S_NO_CHECK_BUCKET": "true"}

    @property
    def remote(self):
        return f"s:{self.server.bucket}"


class RcloneAzure(Rclone):
    @property
    def environment(self):
        return {
            "RCLONE_CONFIG_A_TYPE": "azureblob", "RCLONE_CONFIG_A_ACCOUNT": self.server.account,
            "RCLONE_CONFIG_A_KEY": self.server.key, "RCLONE_CONFIG_A_NO_CHECK_CONTAINER": "true",
            "RCLONE_CONFIG_A_CHUNK_SIZE": "16Mi",
            "RCLONE_CONFIG_A_ENDPOINT": f"http://127.0.0.1:{self.server.port}/{self.server.account}"}

    @property
    def remote(self):
        return f"a:{self.server.container}"


class Ours(Mover):
    """Our target: as many objects as there are files and of their size, `lanes` in flight."""

    lanes, objects, environment = 4, None, None

    def __init__(self, work, server, folder):
        super().__init__(work, server, folder)
        self.round = 0
        self.name = f"ahvault {self.kind}, {self.lanes} in flight"

    def run(self, verb):
        settings = self.work / "settings.json"
        settings.write_text(json.dumps(self.settings()))
        settings.chmod(0o600)
        total = sum(file.stat().st_size for file in self.files)
        count = self.objects or len(self.files)
        return self.timed([
            ROOT / ".build/release/TargetBenchmark", verb, self.kind, settings, count, total // count >> 20, self.lanes],
            environment=self.environment)

    def put(self):
        self.round += 1
        return self.run("put")

    def get(self):
        return self.run("get")


class OurSFTP(Ours):
    kind, lanes, objects = "sftp", 1, 1

    def settings(self):
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        return {
            "host": "127.0.0.1", "port": str(self.server.port), "user": user, "keyFile": str(self.work / "user"),
            "knownHosts": str(self.work / "known"), "path": str(self.work / "remote" / "repository"),
            "fsync": "false", "sessions": str(self.lanes)}

    def put(self):
        shutil.rmtree(self.work / "remote" / "repository", ignore_errors=True)
        return super().put()


class OurSFTPInPacks(OurSFTP):
    lanes = 4

    @property
    def objects(self):
        return sum(file.stat().st_size for file in self.files) >> 24


class OurS3(Ours):
    kind = "s3"
    environment = {"AWS_EC2_METADATA_DISABLED": "true"}

    def settings(self):
        return {
            "endpoint": f"http://127.0.0.1:{self.server.port}", "bucket": self.server.bucket,
            "accessKey": self.server.access, "secretKey": self.server.secret, "prefix": f"ahvault-{self.round}"}


class OurAzure(Ours):
    kind = "azure-blob"

    def settings(self):
        return {
            "endpoint": f"http://127.0.0.1:{self.server.port}", "style": "path", "account": self.server.account,
            "container": self.server.container, "key": self.server.key, "prefix": f"ahvault-{self.round}"}
