"""Starts a simulator for the proof, on addresses of its own, and stops it again."""

import json
import os
import signal
import subprocess
import tempfile
import time

PASSWORD = "proof/4u-Secret"
API_KEY = "proof-key-0123456789"

LAB = """
users: [{ name: admin, password: "%s", apiKey: "%s" }]
prismCentral: { name: pc, address: 127.0.0.1 }
clusters:
  - name: prod
    address: 127.0.0.2
    dataServices: 127.0.0.3
    controllerVM: 127.0.0.4
    containers: [{ name: default }]
  - { name: other, address: 127.0.0.12, containers: [{ name: default }] }
subnets: [{ name: lan, cluster: prod, vlan: 7 }]
categories: [{ key: Env, value: prod }, { key: Env, value: test }]
images: [{ name: boot.iso, cluster: prod, size: 1MiB }]
vms:
  - name: web-01
    cluster: prod
    machineType: q35
    boot: secure
    categories: ["Env:prod"]
    guestTools: { system: "linux:64:Debian" }
    disks: [{ bus: scsi, index: 0, size: 64MiB }, { bus: scsi, index: 1, size: 8MiB }]
    cdroms: [{ bus: sata, index: 0, image: boot.iso }]
    nics: [{ subnet: lan, address: 10.0.0.5 }]
  - { name: web-02, cluster: prod, disks: [{ bus: sata, index: 0, size: 1MiB }] }
  - { name: it's-03, cluster: other, power: false }
settings: { changedRegions: { perAnswer: 3 } }
""" % (PASSWORD, API_KEY)


class Lab:
    """A running `prism-simulator`."""

    def __init__(self, binary, block, version="v4.2"):
        self.folder = tempfile.TemporaryDirectory(prefix="sdk-proof-")
        lab = os.path.join(self.folder.name, "lab.yaml")
        ready = os.path.join(self.folder.name, "ready.json")
        with open(lab, "w") as file:
            file.write(LAB)
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        self.process = subprocess.Popen(
            [binary, "run", "--cluster", lab, "--state", os.path.join(self.folder.name, "state"),
             "--addresses", block, "--api-version", version, "--ready-file", ready],
            stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while not os.path.exists(ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                text = self.log.read()
                self.stop()
                raise RuntimeError("the simulator did not start:\n" + text)
            time.sleep(0.05)
        with open(ready) as file:
            self.ready = json.load(file)

    def stop(self):
        """Ends the simulator the way an administrator would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.log.close()
        self.folder.cleanup()
        return code
