"""Instance profiles, keys, certificates, passwords for services, service-linked roles: through boto3."""

import base64
import datetime
import json
import os
import re
from pathlib import Path

import pytest
from doorward import allow, fails, no_such, refused, trust

COMMON = Path(__file__).parents[3] / "crates/scenario/tests/common"
SSH_KEYS = [(COMMON / name).read_text().strip() for name in ("ssh-key.pub", "other-ssh-key.pub")]
SIGNING_CERTIFICATE = (COMMON / "signing.crt").read_text()
SERVER_CERTIFICATE = (COMMON / "server.crt").read_text()
SERVER_KEY = (COMMON / "server.key").read_text()

ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIKzvfE+qS09w+okgrO0gY7jryF0lSCxdEO/O0UaUhuZe"
EC2 = trust({"Service": "ec2.amazonaws.com"})


def test_life_of_an_instance_profile(server, iam):
    server.role("web", EC2)
    made = iam.create_instance_profile(InstanceProfileName="life", Path="/web/", Tags=[{"Key": "a", "Value": "1"}])
    which = {"InstanceProfileName": "life"}
    profile = made["InstanceProfile"]
    assert profile["Arn"] == server.arn("instance-profile/web/life")
    assert re.fullmatch("AIPA[A-Z2-7]{17}", profile["InstanceProfileId"])
    assert profile["Roles"] == []
    iam.add_role_to_instance_profile(**which, RoleName="web")
    iam.get_waiter("instance_profile_exists").wait(**which, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    got = iam.get_instance_profile(**which)["InstanceProfile"]
    assert [role["RoleName"] for role in got["Roles"]] == ["web"]
    assert got["Roles"][0]["AssumeRolePolicyDocument"] == json.loads(EC2)
    assert got["Tags"] == [{"Key": "a", "Value": "1"}]
    assert isinstance(got["CreateDate"], datetime.datetime)
    listed = iam.list_instance_profiles_for_role(RoleName="web")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in listed] == ["life"]
    conflict = "Cannot delete entity, must remove roles from instance profile first."
    with fails("DeleteConflict", 409, conflict):
        iam.delete_role(RoleName="web")
    with fails("DeleteConflict", 409, conflict):
        iam.delete_instance_profile(**which)
    iam.tag_instance_profile(**which, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_instance_profile(**which, TagKeys=["a"])
    assert iam.list_instance_profile_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.remove_role_from_instance_profile(**which, RoleName="web")
    iam.delete_instance_profile(**which)
    with fails("NoSuchEntity", 404, "Instance Profile life cannot be found."):
        iam.get_instance_profile(**which)


def test_pages_of_instance_profiles(iam):
    names = [f"paged-{number:02}" for number in range(10)]
    for name in names:
        iam.create_instance_profile(InstanceProfileName=name, Path="/paged/")
    paginator = iam.get_paginator("list_instance_profiles")
    pages = list(paginator.paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 4}))
    assert [len(page["InstanceProfiles"]) for page in pages] == [4, 4, 2]
    assert [profile["InstanceProfileName"] for page in pages for profile in page["InstanceProfiles"]] == names


def test_to_add_a_role_is_to_pass_it(server, iam):
    role = server.role("passed", EC2)
    iam.create_instance_profile(InstanceProfileName="passing")
    key = server.user("passer", allow("iam:AddRoleToInstanceProfile"))
    with refused(server.arn("user/passer"), "iam:PassRole", role):
        server.iam(key).add_role_to_instance_profile(InstanceProfileName="passing", RoleName="passed")
    passing = allow("iam:PassRole", role, StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
    key = server.user("allowed", allow("iam:AddRoleToInstanceProfile"), passing)
    server.iam(key).add_role_to_instance_profile(InstanceProfileName="passing", RoleName="passed")


def test_life_of_a_public_key_for_ssh(iam):
    iam.create_user(UserName="ssh")
    made = iam.upload_ssh_public_key(UserName="ssh", SSHPublicKeyBody=SSH_KEYS[0])["SSHPublicKey"]
    which = {"UserName": "ssh", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    assert re.fullmatch("APKA[A-Z2-7]{17}", made["SSHPublicKeyId"])
    assert re.fullmatch("([0-9a-f]{2}:){15}[0-9a-f]{2}", made["Fingerprint"])
    assert iam.get_ssh_public_key(**which, Encoding="SSH")["SSHPublicKey"] == made
    pem = iam.get_ssh_public_key(**which, Encoding="PEM")["SSHPublicKey"]["SSHPublicKeyBody"]
    assert pem.startswith("-----BEGIN PUBLIC KEY-----\n")
    with fails("DuplicateSSHPublicKey", 400, "The SSH public key is already associated with the specified IAM user."):
        iam.upload_ssh_public_key(UserName="ssh", SSHPublicKeyBody=pem)
    iam.upload_ssh_public_key(UserName="ssh", SSHPublicKeyBody=SSH_KEYS[1])
    iam.update_ssh_public_key(**which, Status="Inactive")
    pages = iam.get_paginator("list_ssh_public_keys").paginate(UserName="ssh", PaginationConfig={"PageSize": 1})
    status = {key["SSHPublicKeyId"]: key["Status"] for page in pages for key in page["SSHPublicKeys"]}
    assert len(status) == 2
    assert status[made["SSHPublicKeyId"]] == "Inactive"
    with fails("DeleteConflict", 409, "Cannot delete entity, must remove referenced objects first."):
        iam.delete_user(UserName="ssh")
    for key in status:
        iam.delete_ssh_public_key(UserName="ssh", SSHPublicKeyId=key)
    iam.delete_user(UserName="ssh")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (f"ssh-ed25519 {ED25519}", "UnrecognizedPublicKeyEncoding"),
        ("ssh-rsa AAAAB3NzaC1yc2E=", "InvalidPublicKey"),
    ],
)
def test_what_is_no_public_key(iam, body, code):
    iam.create_user(UserName=f"no-{code}")
    with fails(code, 400, re.compile("The public key .*")):
        iam.upload_ssh_public_key(UserName=f"no-{code}", SSHPublicKeyBody=body)


def test_life_of_a_signing_certificate(server, iam):
    key = server.user("signer", allow("iam:*SigningCertificate*", server.arn("user/signer")))
    signer = server.iam(key)
    made = signer.upload_signing_certificate(CertificateBody=SIGNING_CERTIFICATE)["Certificate"]
    assert (made["UserName"], made["Status"]) == ("signer", "Active")
    assert signer.list_signing_certificates()["Certificates"] == [made]
    with fails("DuplicateCertificate", 409, re.compile("The same certificate .*")):
        iam.upload_signing_certificate(CertificateBody=SIGNING_CERTIFICATE)
    with fails("MalformedCertificate", 400, "Certificate garbage is malformed."):
        signer.upload_signing_certificate(CertificateBody="garbage")
    signer.update_signing_certificate(CertificateId=made["CertificateId"], Status="Inactive")
    pages = iam.get_paginator("list_signing_certificates").paginate(UserName="signer")
    assert [certificate["Status"] for page in pages for certificate in page["Certificates"]] == ["Inactive"]
    signer.delete_signing_certificate(CertificateId=made["CertificateId"])
    assert signer.list_signing_certificates()["Certificates"] == []


def test_life_of_a_server_certificate(server, iam):
    which = {"ServerCertificateName": "tls"}
    keys = {"CertificateBody": SERVER_CERTIFICATE, "PrivateKey": SERVER_KEY}
    made = iam.upload_server_certificate(**which, **keys, Path="/cloudfront/")["ServerCertificateMetadata"]
    assert made["Arn"] == server.arn("server-certificate/cloudfront/tls")
    assert re.fullmatch("ASCA[A-Z2-7]{17}", made["ServerCertificateId"])
    assert made["Expiration"].year == 2126
    with fails("EntityAlreadyExists", 409, "The Server Certificate with name tls already exists."):
        iam.upload_server_certificate(**which, **keys)
    with fails("KeyPairMismatch", 400, re.compile("The public key certificate and the private key do not match.")):
        iam.upload_server_certificate(**which, CertificateBody=SIGNING_CERTIFICATE, PrivateKey=SERVER_KEY)
    iam.tag_server_certificate(**which, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_server_certificate(**which, TagKeys=["a"])
    got = iam.get_server_certificate(**which)["ServerCertificate"]
    assert got["CertificateBody"].strip() == SERVER_CERTIFICATE.strip()
    assert got["Tags"] == iam.list_server_certificate_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert SERVER_KEY.splitlines()[1] not in json.dumps(got, default=str)
    iam.update_server_certificate(**which, NewPath="/", NewServerCertificateName="tls2")
    pages = iam.get_paginator("list_server_certificates").paginate()
    listed = [certificate for page in pages for certificate in page["ServerCertificateMetadataList"]]
    assert [certificate["Arn"] for certificate in listed] == [server.arn("server-certificate/tls2")]
    iam.delete_server_certificate(ServerCertificateName="tls2")
    with no_such("Server Certificate", "tls2"):
        iam.get_server_certificate(ServerCertificateName="tls2")


def test_life_of_a_password_for_a_service(server, iam):
    iam.create_user(UserName="git")
    wanted = {"UserName": "git", "ServiceName": "codecommit.amazonaws.com"}
    made = iam.create_service_specific_credential(**wanted)["ServiceSpecificCredential"]
    which = {"UserName": "git", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    assert re.fullmatch("ACCA[A-Z2-7]{17}", made["ServiceSpecificCredentialId"])
    assert made["ServiceUserName"] == f"git-at-{server.account}"
    assert len(base64.b64decode(made["ServicePassword"])) == 32
    again = iam.reset_service_specific_credential(**which)["ServiceSpecificCredential"]
    assert again["ServicePassword"] != made["ServicePassword"]
    second = iam.create_service_specific_credential(**wanted)["ServiceSpecificCredential"]
    assert second["ServiceUserName"] == f"git+1-at-{server.account}"
    with fails("LimitExceeded", 409, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2"):
        iam.create_service_specific_credential(**wanted)
    iam.update_service_specific_credential(**which, Status="Inactive")
    listed = iam.list_service_specific_credentials(UserName="git")["ServiceSpecificCredentials"]
    assert {credential["Status"] for credential in listed} == {"Active", "Inactive"}
    assert not any("ServicePassword" in credential for credential in listed)
    iam.delete_service_specific_credential(**which)
    with fails("NoSuchEntity", 404, f"No such credential {made['ServiceSpecificCredentialId']} exists"):
        iam.delete_service_specific_credential(**which)


def test_an_api_key_with_an_end(server, iam):
    iam.create_user(UserName="model")
    made = iam.create_service_specific_credential(
        UserName="model", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=30
    )["ServiceSpecificCredential"]
    assert made["ExpirationDate"] - made["CreateDate"] == datetime.timedelta(days=30)
    assert made["ServiceCredentialAlias"] == f"model-at-{server.account}"
    assert "ServicePassword" not in made
    secret = base64.b64decode(made["ServiceCredentialSecret"].removeprefix("ABSK")).decode()
    assert secret.startswith(f"model-at-{server.account}:")
    listed = iam.list_service_specific_credentials(AllUsers=True, ServiceName="bedrock.amazonaws.com")
    assert [credential["UserName"] for credential in listed["ServiceSpecificCredentials"]] == ["model"]


def test_life_of_a_service_linked_role(server, iam):
    service = "ecs.amazonaws.com"
    role = iam.create_service_linked_role(AWSServiceName=service, Description="for ECS")["Role"]
    assert role["Arn"] == server.arn(f"role/aws-service-role/{service}/AWSServiceRoleForECS")
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": service}
    iam.get_waiter("role_exists").wait(RoleName="AWSServiceRoleForECS", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    taken = "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
    with fails("InvalidInput", 400, taken):
        iam.create_service_linked_role(AWSServiceName=service)
    with fails("InvalidInput", 400, f"Custom suffix is not allowed for {service}"):
        iam.create_service_linked_role(AWSServiceName=service, CustomSuffix="x")
    name = "AWSServiceRoleForECS"
    protected = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    with fails("UnmodifiableEntity", 400, protected):
        iam.delete_role(RoleName="AWSServiceRoleForECS")
    with fails("UnmodifiableEntity", 400, protected):
        iam.update_assume_role_policy(RoleName="AWSServiceRoleForECS", PolicyDocument=EC2)
    iam.tag_role(RoleName="AWSServiceRoleForECS", Tags=[{"Key": "a", "Value": "1"}])
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForECS")["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{service}/AWSServiceRoleForECS/")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with no_such("role", "AWSServiceRoleForECS"):
        iam.get_role(RoleName="AWSServiceRoleForECS")


@pytest.mark.skipif("DOORWARD_BINARY" not in os.environ, reason="it ends the server")
def test_what_is_uploaded_survives_the_end_of_the_process(server, iam):
    iam.create_user(UserName="kept")
    key = iam.upload_ssh_public_key(UserName="kept", SSHPublicKeyBody=SSH_KEYS[0])["SSHPublicKey"]
    signing = iam.upload_signing_certificate(UserName="kept", CertificateBody=SIGNING_CERTIFICATE)["Certificate"]
    iam.create_service_specific_credential(UserName="kept", ServiceName="logs.amazonaws.com", CredentialAgeDays=1)
    iam.upload_server_certificate(
        ServerCertificateName="kept", CertificateBody=SERVER_CERTIFICATE, PrivateKey=SERVER_KEY
    )
    server.role("kept", EC2)
    iam.create_instance_profile(InstanceProfileName="kept")
    iam.add_role_to_instance_profile(InstanceProfileName="kept", RoleName="kept")
    iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForRDS")["DeletionTaskId"]

    def all_of_it(iam):
        which = {"UserName": "kept", "SSHPublicKeyId": key["SSHPublicKeyId"]}
        answers = [
            iam.get_ssh_public_key(**which, Encoding="SSH"),
            iam.list_signing_certificates(UserName="kept"),
            iam.list_service_specific_credentials(UserName="kept"),
            iam.get_server_certificate(ServerCertificateName="kept"),
            iam.get_instance_profile(InstanceProfileName="kept"),
            iam.get_service_linked_role_deletion_status(DeletionTaskId=task),
        ]
        return [{name: part for name, part in answer.items() if name != "ResponseMetadata"} for answer in answers]

    before = all_of_it(iam)
    assert before[1]["Certificates"] == [signing]
    server.kill()
    server.start()
    assert all_of_it(server.iam()) == before
