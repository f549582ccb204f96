"""Who may do what: shared access signatures by azure-storage-blob, tokens by azure-identity."""

import base64
import os
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, ManagedIdentityCredential
from azure.storage.blob import (
    AccountSasPermissions, BlobClient, BlobSasPermissions, ContainerSasPermissions, ResourceTypes,
    generate_account_sas, generate_blob_sas, generate_container_sas)

from lab import ACCOUNT, KEY, TENANT, refused


def soon(minutes=10):
    return datetime.now(timezone.utc) + timedelta(minutes=minutes)


def secret(lab, client="app", value="app/s3cret"):
    """A credential of azure-identity that signs in at the simulator."""
    return ClientSecretCredential(
        TENANT, client, value, authority=lab.secure, disable_instance_discovery=True, connection_verify=lab.certificate,
        retry_total=0)


def shared_key(lab):
    """a wrong key is refused, and the answer tells what was signed"""
    wrong = {"account_name": ACCOUNT, "account_key": base64.b64encode(b"another").decode()}
    error = refused(lambda: list(lab.service(wrong).list_containers()), 403, "AuthenticationFailed")
    assert "string to sign: 'GET" in str(error), str(error)


def account_signature(lab):
    """an account SAS opens what it names"""
    container = lab.container()
    container.upload_blob("a b/ü", b"x")
    query = "?" + generate_account_sas(
        ACCOUNT, KEY, ResourceTypes(object=True, container=True), AccountSasPermissions(read=True, list=True), soon())
    service = lab.service(query=query)
    other = service.get_container_client(container.container_name)
    assert other.download_blob("a b/ü").readall() == b"x" and len(list(other.list_blobs())) == 1
    refused(lambda: other.delete_blob("a b/ü"), 403, "AuthorizationPermissionMismatch")
    refused(lambda: list(service.list_containers()), 403, "AuthorizationResourceTypeMismatch")
    old = "?" + generate_account_sas(
        ACCOUNT, KEY, ResourceTypes(object=True), AccountSasPermissions(read=True), soon(-10), start=soon(-20))
    refused(
        lambda: lab.service(query=old).get_blob_client(container.container_name, "a b/ü").download_blob(),
        403, "AuthenticationFailed")


def service_signature(lab):
    """a service SAS opens one container or one blob"""
    container = lab.container()
    container.upload_blob("a b/ü", b"x")
    container.upload_blob("c", b"y")
    one = generate_blob_sas(
        ACCOUNT, container.container_name, "a b/ü", account_key=KEY, permission=BlobSasPermissions(read=True),
        expiry=soon(), content_type="text/x", protocol="https,http", ip="127.0.0.1")
    url = container.get_blob_client("a b/ü").url
    blob = BlobClient.from_blob_url(url + "?" + one, retry_total=0)
    assert blob.download_blob().readall() == b"x"
    assert blob.get_blob_properties().content_settings.content_type == "text/x"
    other = BlobClient.from_blob_url(container.get_blob_client("c").url + "?" + one, retry_total=0)
    refused(other.download_blob, 403, "AuthenticationFailed")
    whole = generate_container_sas(
        ACCOUNT, container.container_name, account_key=KEY, expiry=soon(),
        permission=ContainerSasPermissions(read=True, write=True, delete=True, list=True))
    again = lab.service(query="?" + whole).get_container_client(container.container_name)
    again.upload_blob("d", b"z")
    again.delete_blob("c")
    assert [b.name for b in again.list_blobs()] == ["a b/ü", "d"]


def client_secret(lab):
    """a client's secret gets a token over TLS, and the token opens the blobs"""
    container = lab.container()
    own = lab.service(secret(lab), secure=True).get_container_client(container.container_name)
    own.upload_blob("b", b"by token")
    assert own.download_blob("b").readall() == b"by token"
    kinds = {r["authorization"] for r in lab.requests()[-2:]}
    assert kinds == {"Bearer"}, kinds


def wrong_secret(lab):
    """a wrong secret or client is refused by the directory"""
    for client, value, code in (("app", "wrong", "AADSTS7000215"), ("nobody", "x", "AADSTS700016")):
        try:
            secret(lab, client, value).get_token("https://storage.azure.com/.default")
        except ClientAuthenticationError as error:
            assert code in error.message, error.message
        else:
            raise AssertionError("a token was issued")


def reader(lab):
    """a reader may not write"""
    container = lab.container()
    container.upload_blob("b", b"x")
    own = lab.service(secret(lab, "viewer", "view/s3cret"), secure=True).get_container_client(container.container_name)
    assert own.download_blob("b").readall() == b"x"
    refused(lambda: own.upload_blob("c", b"x"), 403, "AuthorizationPermissionMismatch")


def expiry(lab):
    """an expired token is refused with 401"""
    container = lab.container()
    own = lab.service(secret(lab), secure=True).get_container_client(container.container_name)
    own.upload_blob("b", b"x")
    lab.fault(event="expireTokens")
    refused(lambda: own.delete_blob("b"), 401, "InvalidAuthenticationInfo")


def managed_identity(lab):
    """a managed identity gets its token from the metadata service"""
    container = lab.container()
    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = lab.plain
    try:
        for options in ({}, {"client_id": "machine"}):
            own = lab.service(ManagedIdentityCredential(**options), secure=True)
            own.get_blob_client(container.container_name, "b").upload_blob(b"x", overwrite=True)
    finally:
        del os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    assert container.download_blob("b").readall() == b"x"


def delegation(lab):
    """a user delegation key signs, for what its principal may do"""
    container = lab.container()
    container.upload_blob("b", b"x")
    for options in ({}, {"api_version": "2021-12-02"}):
        service = lab.service(secret(lab), secure=True, **options)
        key = service.get_user_delegation_key(soon(-5), soon(60))
        query = generate_blob_sas(
            ACCOUNT, container.container_name, "b", user_delegation_key=key, permission=BlobSasPermissions(read=True),
            expiry=soon())
        blob = BlobClient.from_blob_url(container.get_blob_client("b").url + "?" + query, retry_total=0)
        assert blob.download_blob().readall() == b"x"
        refused(lambda: blob.delete_blob(), 403, "AuthorizationPermissionMismatch")
    key = lab.service(secret(lab, "viewer", "view/s3cret"), secure=True).get_user_delegation_key(soon(-5), soon(60))
    query = generate_blob_sas(
        ACCOUNT, container.container_name, "b", user_delegation_key=key, expiry=soon(),
        permission=BlobSasPermissions(read=True, delete=True))
    blob = BlobClient.from_blob_url(container.get_blob_client("b").url + "?" + query, retry_total=0)
    assert blob.download_blob().readall() == b"x"
    refused(lambda: blob.delete_blob(), 403, "AuthorizationPermissionMismatch")


CHECKS = [
    shared_key, account_signature, service_signature, client_secret, wrong_secret, reader, expiry, managed_identity,
    delegation,
]
