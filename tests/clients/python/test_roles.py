"""Roles, their trust policies, and permissions boundaries."""

import json
import re

import pytest
from doorward import allow, fails, no_such, policy, trust


def test_life_of_a_role(server, iam):
    document = trust(server.account)
    made = iam.create_role(
        RoleName="Life",
        Path="/svc/",
        AssumeRolePolicyDocument=document,
        Description="a life",
        Tags=[{"Key": "a", "Value": "1"}],
    )["Role"]
    assert made["Arn"] == server.arn("role/svc/Life")
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    assert made["AssumeRolePolicyDocument"] == json.loads(document)
    got = iam.get_role(RoleName="Life")["Role"]
    assert (got["MaxSessionDuration"], got["Description"]) == (3600, "a life")
    assert got["Tags"] == [{"Key": "a", "Value": "1"}]
    assert got["RoleLastUsed"] == {}
    listed = next(role for role in iam.list_roles(PathPrefix="/svc/")["Roles"] if role["RoleName"] == "Life")
    assert not {"Tags", "PermissionsBoundary", "RoleLastUsed"} & listed.keys()
    iam.get_waiter("role_exists").wait(RoleName="Life", WaiterConfig={"Delay": 1, "MaxAttempts": 2})

    iam.update_role(RoleName="Life", Description="another", MaxSessionDuration=7200)
    got = iam.get_role(RoleName="Life")["Role"]
    assert (got["MaxSessionDuration"], got["Description"]) == (7200, "another")
    iam.update_role_description(RoleName="Life", Description="third")
    assert iam.get_role(RoleName="Life")["Role"]["Description"] == "third"
    iam.update_assume_role_policy(RoleName="Life", PolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    got = iam.get_role(RoleName="Life")["Role"]["AssumeRolePolicyDocument"]
    assert got["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    iam.tag_role(RoleName="Life", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName="Life", TagKeys=["a"])
    assert iam.list_role_tags(RoleName="Life")["Tags"] == [{"Key": "b", "Value": "2"}]

    iam.put_role_policy(RoleName="Life", PolicyName="p", PolicyDocument=policy(allow("s3:Get*")))
    with fails("DeleteConflict", 409, "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName="Life")
    iam.delete_role_policy(RoleName="Life", PolicyName="p")
    iam.delete_role(RoleName="Life")
    with no_such("role", "Life"):
        iam.get_role(RoleName="Life")


def test_names_are_taken_whatever_their_case(server, iam):
    iam.create_role(RoleName="Case", Path="/a/", AssumeRolePolicyDocument=trust(server.account))
    with fails("EntityAlreadyExists", 409, "Role with name Case already exists."):
        iam.create_role(RoleName="Case", AssumeRolePolicyDocument=trust(server.account))
    with fails("EntityAlreadyExists", 409, re.compile("Role with name [Cc]ase already exists.")):
        iam.create_role(RoleName="case", AssumeRolePolicyDocument=trust(server.account))


@pytest.mark.parametrize("seconds", [3599, 43201])
def test_the_session_duration_has_bounds(server, iam, seconds):
    bound = "greater than or equal to 3600" if seconds < 3600 else "less than or equal to 43200"
    text = f"1 validation error detected: Value .*at 'maxSessionDuration' failed to satisfy constraint: Member must have value {bound}"
    with fails("ValidationError", 400, re.compile(text)):
        server.iam(parameter_validation=False).create_role(
            RoleName="Bounds", AssumeRolePolicyDocument=trust(server.account), MaxSessionDuration=seconds
        )


def statement(**changes):
    good = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"} | changes
    return policy({name: value for name, value in good.items() if value is not None})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("not json", "This policy contains invalid Json"),
        (statement() + "x", "This policy contains invalid Json"),
        (
            '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow",'
            '"Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}',
            "This policy contains invalid Json",
        ),
        ('{"Version":"2012-10-17","Statement":[]}', "Could not parse the policy: Statement is empty!"),
        (
            policy(json.loads(statement(Sid="A"))["Statement"][0], json.loads(statement(Sid="A"))["Statement"][0]),
            "The Statement Ids in the policy are not unique",
        ),
        (statement(Effect=None), "Missing required field Effect"),
        (statement(Effect="Maybe"), "Invalid effect: Maybe"),
        (statement(Principal=None), "Missing required field Principal"),
        (statement(Principal={}), "Missing required field Principal cannot be empty!"),
        (statement(Principal="*"), "Principal must be a JSON object."),
        (statement(Principal=None, NotPrincipal={"AWS": "*"}), "Allow with NotPrincipal is not allowed."),
        (statement(Action=None), "Missing required field Action"),
        (statement(Action="*"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (statement(Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (statement(Resource="*"), "Has prohibited field Resource"),
        (
            statement(Principal={"AWS": "arn:aws:iam::111122223333:user/x"}),
            'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/x"',
        ),
        (
            statement(Principal={"Service": "nosuchservice"}),
            'Invalid principal in policy: "SERVICE":"nosuchservice"',
        ),
    ],
)
def test_what_is_no_trust_policy(iam, document, message):
    with fails("MalformedPolicyDocument", 400, message):
        iam.create_role(RoleName="Bad", AssumeRolePolicyDocument=document)
    with no_such("role", "Bad"):
        iam.get_role(RoleName="Bad")


def test_a_deleted_principal_shows_as_its_id(server, iam):
    user = iam.create_user(UserName="leaver")["User"]
    iam.create_role(RoleName="Trusting", AssumeRolePolicyDocument=trust(user["Arn"]))
    iam.delete_user(UserName="leaver")
    got = iam.get_role(RoleName="Trusting")["Role"]["AssumeRolePolicyDocument"]
    assert got["Statement"][0]["Principal"] == {"AWS": user["UserId"]}


def test_boundaries(server, iam):
    arn = iam.create_policy(PolicyName="Fence", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.create_user(UserName="fenced")
    server.role("Fenced", trust(server.account), PermissionsBoundary=arn)
    iam.put_user_permissions_boundary(UserName="fenced", PermissionsBoundary=arn)
    fence = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    assert iam.get_user(UserName="fenced")["User"]["PermissionsBoundary"] == fence
    assert iam.get_role(RoleName="Fenced")["Role"]["PermissionsBoundary"] == fence
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 2
    with fails("DeleteConflict", 409, re.compile(".+")):
        iam.delete_policy(PolicyArn=arn)

    iam.delete_user_permissions_boundary(UserName="fenced")
    iam.delete_role_permissions_boundary(RoleName="Fenced")
    assert "PermissionsBoundary" not in iam.get_user(UserName="fenced")["User"]
    iam.put_role_permissions_boundary(RoleName="Fenced", PermissionsBoundary=arn)
    assert iam.get_role(RoleName="Fenced")["Role"]["PermissionsBoundary"] == fence

    missing = server.arn("policy/Missing")
    with fails("NoSuchEntity", 404, re.compile(f".*{re.escape(missing)}.*")):
        iam.put_user_permissions_boundary(UserName="fenced", PermissionsBoundary=missing)


def test_a_boundary_is_a_policy(server):
    with fails("ValidationError", 400, "Value (not-an-arn-but-long-enough) for parameter PermissionsBoundary is invalid."):
        server.iam().create_user(UserName="unfenced", PermissionsBoundary="not-an-arn-but-long-enough")
