"""The simulator's own paths, which no SDK has."""

import base64
import json
import ssl
import urllib.error
import urllib.request

from lab import PASSWORD


def request(lab, method, path, body=b""):
    call = urllib.request.Request(lab.ready["prismCentral"]["url"] + path, method=method, data=body or None)
    call.add_header("Authorization", "Basic " + base64.b64encode(("admin:" + PASSWORD).encode()).decode())
    context = ssl.create_default_context(cafile=lab.ready["certificates"])
    with urllib.request.urlopen(call, context=context) as answer:
        return json.loads(answer.read())


def post(lab, path, value):
    return request(lab, "POST", path, json.dumps(value).encode())


def write(lab, vm, disk, offset, data):
    """The guest writes."""
    return request(lab, "POST", "/simulator/vms/%s/disks/%s/write?offset=%d" % (vm, disk, offset), data)


def zero(lab, vm, disk, offset, length):
    """The guest discards."""
    return request(lab, "POST", "/simulator/vms/%s/disks/%s/zero?offset=%d&length=%d" % (vm, disk, offset, length))


def state(lab):
    return request(lab, "GET", "/simulator/state")


def calls(lab):
    return request(lab, "GET", "/simulator/calls")


def status(lab, url, bearer):
    """The HTTP status of a POST with a bearer token, which the SDK cannot send."""
    call = urllib.request.Request(url, method="POST", data=b"{}")
    call.add_header("Authorization", "Bearer " + bearer)
    call.add_header("NTNX-Request-Id", "proof")
    context = ssl.create_default_context(cafile=lab.ready["certificates"])
    try:
        with urllib.request.urlopen(call, context=context) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
