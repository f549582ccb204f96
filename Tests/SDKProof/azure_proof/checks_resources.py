"""Azure Resource Manager by azure-mgmt-resource, -compute and -network, and by azure-identity in every way of signing in."""

import base64
import hashlib
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

import jwt
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import CertificateCredential, ClientSecretCredential, ManagedIdentityCredential
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource import ResourceManagementClient, SubscriptionClient
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from checks_access import secret
from lab import OTHER_TENANT, SUBSCRIPTION, TENANT, refused

SCOPE = "https://management.azure.com/.default"


def client(kind, lab, credential=None, **options):
    """A client of the SDK that does not repeat what fails, unless it is told to."""
    options = {"retry_total": 0, "polling_interval": 0, **options}
    return kind(
        credential or secret(lab), SUBSCRIPTION, base_url=lab.secure, credential_scopes=[SCOPE],
        connection_verify=lab.certificate, **options)


def compute(lab, credential=None, **options):
    return client(ComputeManagementClient, lab, credential, **options)


def network(lab, credential=None, **options):
    return client(NetworkManagementClient, lab, credential, **options)


def resource(lab, credential=None, **options):
    return client(ResourceManagementClient, lab, credential, **options)


def groups(lab):
    """resource groups are made, listed and removed with all they hold"""
    manager = resource(lab)
    made = manager.resource_groups.create_or_update("proof-a", {"location": "West Europe", "tags": {"by": "proof"}})
    assert made.location == "westeurope" and made.properties.provisioning_state == "Succeeded"
    assert manager.resource_groups.check_existence("PROOF-A")
    assert not manager.resource_groups.check_existence("proof-b")
    compute(lab).disks.begin_create_or_update(
        "proof-a", "d", {"location": "westeurope", "creation_data": {"create_option": "Empty"}, "disk_size_gb": 4,
                         "tags": {"run": "7"}}).result()
    found = [r.name for r in manager.resources.list(filter="tagName eq 'run' and tagValue eq '7'")]
    assert found == ["d"], found
    assert [r.type for r in manager.resources.list_by_resource_group("proof-a")] == ["Microsoft.Compute/disks"]
    assert {"proof-a", "vms"} <= {g.name for g in manager.resource_groups.list()}
    manager.resource_groups.begin_delete("proof-a").result()
    assert not manager.resource_groups.check_existence("proof-a")
    refused(lambda: compute(lab).disks.get("proof-a", "d"), 404, "ResourceGroupNotFound")


def subscription(lab):
    """the subscription, its regions and its providers are listed"""
    options = {"base_url": lab.secure, "credential_scopes": [SCOPE], "connection_verify": lab.certificate}
    manager = SubscriptionClient(secret(lab), **options)
    assert [s.subscription_id for s in manager.subscriptions.list()] == [SUBSCRIPTION]
    assert "westeurope" in [p.name for p in manager.subscriptions.list_locations(SUBSCRIPTION)]
    assert resource(lab).providers.get("Microsoft.Compute").registration_state == "Registered"
    assert resource(lab).providers.register("Microsoft.Network").namespace == "Microsoft.Network"


def sizes(lab):
    """sizes, SKUs and usages are listed, also in pages"""
    manager = compute(lab)
    names = [s.name for s in manager.virtual_machine_sizes.list("westeurope")]
    assert "Standard_D2s_v5" in names, names
    lab.fault(operation="ListSKUs", listLimit=7)
    skus = list(manager.resource_skus.list(filter="location eq 'northeurope'"))
    machines = {s.name: s for s in skus if s.resource_type == "virtualMachines"}
    capabilities = {c.name: c.value for c in machines["Standard_D4s_v5"].capabilities}
    assert capabilities["vCPUs"] == "4" and capabilities["HyperVGenerations"] == "V1,V2", capabilities
    assert machines["Standard_D2s_v6"].restrictions[0].reason_code == "NotAvailableForSubscription"
    assert not machines["Standard_D2s_v5"].restrictions
    assert sum(1 for r in lab.requests() if r["operation"] == "ListSKUs") > 4
    usage = {u.name.value: u for u in manager.usage.list("westeurope")}
    assert usage["standardFSv2Family"].limit == 4 and "cores" in usage
    assert "NetworkInterfaces" in {u.name.value for u in network(lab).usages.list("westeurope")}


def certificate(lab):
    """a certificate signs in, and its token opens resources"""
    for options in ({}, {"send_certificate_chain": True}):
        credential = CertificateCredential(
            TENANT, "signed", lab.login, authority=lab.secure, disable_instance_discovery=True,
            connection_verify=lab.certificate, retry_total=0, **options)
        assert resource(lab, credential).resource_groups.get("vms").name == "vms"


def _assertion(lab, key, thumbprint="x5t", algorithm="RS256", **changes):
    with open(lab.login, "rb") as file:
        text = file.read()
    own = serialization.load_pem_private_key(text, None)
    public = x509.load_pem_x509_certificate(text).public_bytes(serialization.Encoding.DER)
    digest = hashlib.sha1(public) if thumbprint == "x5t" else hashlib.sha256(public)
    head = {thumbprint: base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()}
    url = "%s/%s/oauth2/v2.0/token" % (lab.plain, TENANT)
    now = int(time.time())
    claims = {"aud": url, "iss": "signed", "sub": "signed", "jti": "1", "iat": now, "nbf": now, "exp": now + 600}
    claims.update(changes)
    form = {
        "grant_type": "client_credentials", "client_id": "signed", "scope": SCOPE,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, key or own, algorithm=algorithm, headers=head)}
    try:
        with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=20) as answer:
            return json.load(answer)["token_type"]
    except urllib.error.HTTPError as error:
        return json.load(error)["error_description"].split(":")[0]


def assertions(lab):
    """an assertion must be signed by the certificate's key, for this endpoint, by this client, at this time"""
    assert _assertion(lab, None) == "Bearer"
    assert _assertion(lab, None, thumbprint="x5t#S256", algorithm="PS256") == "Bearer"
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert _assertion(lab, other) == "AADSTS700027"
    assert _assertion(lab, None, aud="https://elsewhere/token") == "AADSTS700023"
    assert _assertion(lab, None, iss="app") == "AADSTS700021"
    assert _assertion(lab, None, exp=int(time.time()) - 3600, nbf=0, iat=0) == "AADSTS700024"
    assert _assertion(lab, "a secret that many know, 32 bytes", algorithm="HS256") == "AADSTS5002738"


def managed_identity(lab):
    """a managed identity manages resources"""
    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = lab.plain
    try:
        assert resource(lab, ManagedIdentityCredential()).resource_groups.get("vms").name == "vms"
    finally:
        del os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"]


def rights(lab):
    """what a role does not allow is refused, with the action that is missing"""
    limited = secret(lab, "limited", "lim/s3cret")
    assert resource(lab, limited).resource_groups.get("vms").name == "vms"
    error = refused(
        lambda: network(lab, limited).virtual_networks.begin_create_or_update("vms", "n", {"location": "westeurope"}),
        403, "AuthorizationFailed")
    assert "Microsoft.Network/virtualNetworks/write" in error.message, error.message


def wrong_tenant(lab):
    """a token of another directory is refused, and an unknown directory gives none"""
    foreign = ClientSecretCredential(
        OTHER_TENANT, "app", "app/s3cret", authority=lab.secure, disable_instance_discovery=True,
        connection_verify=lab.certificate, retry_total=0)
    error = _unauthorized(lambda: resource(lab, foreign).resource_groups.get("vms"))
    assert error.error.code == "InvalidAuthenticationTokenTenant", error
    nowhere = ClientSecretCredential(
        "00000000-0000-0000-0000-000000000001", "app", "app/s3cret", authority=lab.secure,
        disable_instance_discovery=True, connection_verify=lab.certificate, retry_total=0)
    assert "AADSTS90002" in _unauthorized(lambda: resource(lab, nowhere).resource_groups.get("vms")).message


def _unauthorized(call):
    try:
        call()
    except ClientAuthenticationError as error:
        return error
    raise AssertionError("it was done")


def expiry(lab):
    """an expired token is refused with 401"""
    manager = resource(lab)
    manager.resource_groups.get("vms")
    lab.fault(event="expireTokens")
    assert _unauthorized(lambda: manager.resource_groups.get("vms")).error.code == "ExpiredAuthenticationToken"


def throttling(lab):
    """the SDK rides through 429 and 503 as the answers ask it to"""
    lab.fault(operation="GetResourceGroup", count=2, status=429, code="TooManyRequests", retryAfter=0)
    lab.fault(operation="GetResourceGroup", skip=2, count=1, status=503, code="ServiceUnavailable")
    manager = resource(lab, retry_total=5, retry_backoff_factor=0)
    assert manager.resource_groups.get("vms").name == "vms"
    lab.clear_faults()
    lab.fault(operation="GetResourceGroup", count=1, status=429, code="TooManyRequests", retryAfter=0)
    refused(lambda: resource(lab).resource_groups.get("vms"), 429, "TooManyRequests")


def failing_operation(lab):
    """an operation that fails at its end tells why, and leaves a failed resource"""
    lab.fault(operation="PutDisk", count=1, failsLater=True, code="AllocationFailed", message="There is no room.")
    manager = compute(lab)
    poller = manager.disks.begin_create_or_update(
        "vms", "unlucky",
        {"location": "westeurope", "creation_data": {"create_option": "Empty"}, "disk_size_gb": 4})
    try:
        poller.result()
    except HttpResponseError as error:
        assert error.error.code == "AllocationFailed" and "no room" in error.message, error
    else:
        raise AssertionError("it succeeded")
    assert manager.disks.get("vms", "unlucky").provisioning_state == "Failed"
    manager.disks.begin_delete("vms", "unlucky").result()
    try:
        manager.disks.get("vms", "unlucky")
    except ResourceNotFoundError as error:
        assert error.error.code == "ResourceNotFound"
    else:
        raise AssertionError("it is still there")


CHECKS = [
    groups, subscription, sizes, certificate, assertions, managed_identity, rights, wrong_tenant, expiry, throttling,
    failing_operation,
]
