"""Managed policies and their versions, attachments, and inline policies."""

import json
import re
import urllib.parse

import pytest
from doorward import allow, deny, fails, policy, trust

READ = policy(allow("s3:Get*"))


def test_life_of_a_policy(server, iam):
    made = iam.create_policy(PolicyName="Life", Path="/x/", PolicyDocument=READ, Description="reads")["Policy"]
    arn = server.arn("policy/x/Life")
    assert made["Arn"] == arn
    assert re.fullmatch(r"ANPA[A-Z2-7]{17}", made["PolicyId"])
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]) == ("v1", 0, True)
    got = iam.get_policy(PolicyArn=arn)["Policy"]
    assert got["Description"] == "reads"
    assert got["PermissionsBoundaryUsageCount"] == 0
    listed = next(found for found in iam.list_policies(Scope="Local")["Policies"] if found["Arn"] == arn)
    assert "Description" not in listed
    assert "Tags" not in listed
    iam.get_waiter("policy_exists").wait(PolicyArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 2})

    iam.delete_policy(PolicyArn=arn)
    with fails("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.get_policy(PolicyArn=arn)
    with fails("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.delete_policy(PolicyArn=arn)


def test_a_document_comes_back_as_it_was_sent(server, iam):
    document = '{ "Version":"2012-10-17",\n\t"Statement": {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::caf\u00e9 +%/*" } }\n'
    arn = iam.create_policy(PolicyName="Verbatim", PolicyDocument=document)["Policy"]["Arn"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(document)
    # botocore decodes it; on the wire it is percent-encoded, with %20 for a space.
    sent = server.query("GetPolicyVersion", PolicyArn=arn, VersionId="v1").text
    encoded = re.search(r"<Document>([^<]*)</Document>", sent)[1]
    assert urllib.parse.unquote(encoded) == document
    assert not re.search(r"[^A-Za-z0-9%._~*-]", encoded)


def test_versions(iam):
    arn = iam.create_policy(PolicyName="Versions", PolicyDocument=READ)["Policy"]["Arn"]
    for number in range(2, 6):
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow(f"s3:Get{number}")))
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
        assert made["PolicyVersion"]["IsDefaultVersion"] is False
    too_many = (
        "A managed policy can have up to 5 versions. "
        "Before you create a new version, you must delete an existing version."
    )
    with fails("LimitExceeded", 409, too_many):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ)

    iam.set_default_policy_version(PolicyArn=arn, VersionId="v3")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"
    with fails("DeleteConflict", 409, "Cannot delete the default version of a policy."):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    with fails("NoSuchEntity", 404, f"Policy {arn} version v5 does not exist or is not attachable."):
        iam.get_policy_version(PolicyArn=arn, VersionId="v5")

    # The number of a deleted version is not given again.
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ, SetAsDefault=True)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v6", True)
    pages = iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn, PaginationConfig={"PageSize": 2})
    listed = [version for page in pages for version in page["Versions"]]
    assert sorted(version["VersionId"] for version in listed) == ["v1", "v2", "v3", "v4", "v6"]
    assert [version["VersionId"] for version in listed if version["IsDefaultVersion"]] == ["v6"]

    with fails("DeleteConflict", 409, re.compile("This policy has more than one version.+")):
        iam.delete_policy(PolicyArn=arn)


def test_attachments(server, iam):
    arn = iam.create_policy(PolicyName="Attached", PolicyDocument=READ)["Policy"]["Arn"]
    iam.create_user(UserName="holder")
    iam.create_group(GroupName="holders")
    iam.create_role(RoleName="Holder", AssumeRolePolicyDocument=trust(server.account))
    for _ in range(2):
        iam.attach_user_policy(UserName="holder", PolicyArn=arn)
        iam.attach_group_policy(GroupName="holders", PolicyArn=arn)
        iam.attach_role_policy(RoleName="Holder", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 3

    expected = [{"PolicyName": "Attached", "PolicyArn": arn}]
    assert iam.list_attached_user_policies(UserName="holder")["AttachedPolicies"] == expected
    assert iam.list_attached_group_policies(GroupName="holders")["AttachedPolicies"] == expected
    assert iam.list_attached_role_policies(RoleName="Holder")["AttachedPolicies"] == expected
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [user["UserName"] for user in entities["PolicyUsers"]] == ["holder"]
    assert [group["GroupName"] for group in entities["PolicyGroups"]] == ["holders"]
    assert [role["RoleName"] for role in entities["PolicyRoles"]] == ["Holder"]

    with fails("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=arn)
    with fails("DeleteConflict", 409, "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName="Holder")
    iam.detach_user_policy(UserName="holder", PolicyArn=arn)
    iam.detach_group_policy(GroupName="holders", PolicyArn=arn)
    iam.detach_role_policy(RoleName="Holder", PolicyArn=arn)
    with fails("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.detach_user_policy(UserName="holder", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_only_what_exists_is_attached(server, iam):
    iam.create_user(UserName="hopeful")
    missing = server.arn("policy/Missing")
    with fails("NoSuchEntity", 404, f"Policy {missing} does not exist or is not attachable."):
        iam.attach_user_policy(UserName="hopeful", PolicyArn=missing)
    with fails("ValidationError", 400, re.compile("ARN .* is not valid.*|Invalid ARN:  Could not be parsed!")):
        iam.attach_user_policy(UserName="hopeful", PolicyArn="this-is-not-an-arn-at-all")


def test_a_name_is_taken_once(iam):
    iam.create_policy(PolicyName="Once", PolicyDocument=READ)
    with fails("EntityAlreadyExists", 409, "A policy called Once already exists. Duplicate names are not allowed."):
        iam.create_policy(PolicyName="Once", PolicyDocument=READ)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_inline_policies(server, iam, kind):
    name = f"inline-{kind}"
    if kind == "role":
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(server.account))
    else:
        getattr(iam, f"create_{kind}")(**{f"{kind.title()}Name": name})
    who = {f"{kind.title()}Name": name}

    def call(verb, **more):
        return getattr(iam, verb.format(kind))(**who, **more)

    call("put_{}_policy", PolicyName="one", PolicyDocument=READ)
    call("put_{}_policy", PolicyName="two", PolicyDocument=READ)
    call("put_{}_policy", PolicyName="one", PolicyDocument=policy(deny("s3:*")))
    got = call("get_{}_policy", PolicyName="one")
    assert got["PolicyDocument"] == json.loads(policy(deny("s3:*")))
    assert (got["PolicyName"], got[f"{kind.title()}Name"]) == ("one", name)
    assert call("list_{}_policies")["PolicyNames"] == ["one", "two"]
    call("delete_{}_policy", PolicyName="one")
    with fails("NoSuchEntity", 404, f"The {kind} policy with name one cannot be found."):
        call("get_{}_policy", PolicyName="one")
    with fails("NoSuchEntity", 404, f"The {kind} policy with name one cannot be found."):
        call("delete_{}_policy", PolicyName="one")
    assert call("list_{}_policies")["PolicyNames"] == ["two"]


def test_tags(iam):
    made = iam.create_policy(PolicyName="Tagged", PolicyDocument=READ, Tags=[{"Key": "a", "Value": "1"}])
    arn = made["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == [{"Key": "b", "Value": "2"}]


SYNTAX = "Syntax errors in policy."
VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
IAM_PATH = (
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, '
    "mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/."
)


def statement(**changes):
    """A good statement with elements changed, or taken out where the change is None."""
    good = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | changes
    return policy({name: value for name, value in good.items() if value is not None})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", None),
        ("not json", SYNTAX),
        ("[]", SYNTAX),
        ("{}", SYNTAX),
        (READ + "x", SYNTAX),
        (statement(Efect="Allow"), SYNTAX),
        (statement(NotAction="s3:*"), SYNTAX),
        (statement(NotResource="*"), SYNTAX),
        (statement(Effect=None), SYNTAX),
        (statement(Effect="Maybe"), SYNTAX),
        (statement(Action={"s3": "GetObject"}), SYNTAX),
        (statement(Condition=[]), SYNTAX),
        (statement(Condition={"StringsEqual": {"aws:username": "a"}}), SYNTAX),
        ('{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}', SYNTAX),
        ('{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}', SYNTAX),
        (
            '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (
            '{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (statement(Effect="allow"), "The policy failed legacy parsing"),
        (
            policy(allow("s3:*") | {"Sid": "A"}, allow("s3:*") | {"Sid": "A"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (statement(Action=None), "Policy statement must contain actions."),
        (statement(Action=[]), "Policy statement must contain actions."),
        (statement(Resource=None), "Policy statement must contain resources."),
        (statement(Resource=[]), "Policy statement must contain resources."),
        (statement(Resource="bucket"), 'Resource bucket must be in ARN format or "*".'),
        (statement(Resource="arn:b:c:d:e:f"), 'Partition "b" is not valid for resource "arn:b:c:d:e:f".'),
        (
            statement(Resource="arn:aws:iam:eu-west-1:111122223333:user/a"),
            "IAM resource arn:aws:iam:eu-west-1:111122223333:user/a cannot contain region information.",
        ),
        (
            statement(Resource="arn:aws:s3:eu-west-1::bucket"),
            "Resource arn:aws:s3:eu-west-1::bucket can not contain region information.",
        ),
        (statement(Resource="arn:aws:iam::111122223333:usr/a"), IAM_PATH),
        (statement(Action="GetObject"), VENDOR),
        (statement(Action=""), VENDOR),
        (statement(Action="s3:Get:Object"), "Actions/Condition can contain only one colon."),
        (statement(Action="s 3:GetObject"), "Vendor s 3 is not valid"),
        (statement(Principal={"AWS": "*"}), "Policy document should not specify a principal."),
    ],
)
def test_what_is_no_policy(server, iam, document, message):
    if message is None:
        text = re.compile("[12] validation errors? detected: Value .*at 'policyDocument' failed to satisfy constraint: .+")
        with fails("ValidationError", 400, text):
            server.iam(parameter_validation=False).create_policy(PolicyName="Bad", PolicyDocument=document)
        return
    with fails("MalformedPolicyDocument", 400, message):
        iam.create_policy(PolicyName="Bad", PolicyDocument=document)
    iam.create_user(UserName="bearer")
    try:
        if "must be version" not in message:
            with fails("MalformedPolicyDocument", 400, message):
                iam.put_user_policy(UserName="bearer", PolicyName="bad", PolicyDocument=document)
    finally:
        iam.delete_user(UserName="bearer")
