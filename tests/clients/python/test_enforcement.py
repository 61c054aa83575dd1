"""IAM guards itself: every call needs a grant, and a refusal is in AWS's words."""

import re

import pytest
from doorward import Credentials, allow, deny, fails, no_such, policy, refused, trust


@pytest.fixture(scope="module")
def nobody(server, iam):
    """The IAM client of a user without any policy, beside some things they may not touch."""
    iam.create_user(UserName="target", Path="/p/")
    iam.create_group(GroupName="target")
    server.role("target", trust(server.account))
    iam.create_policy(PolicyName="target", PolicyDocument=policy(allow("s3:*")))
    return server.iam(server.user("nobody"))


# An operation on an existing entity names it by kind and name; others name an ARN.
REFUSALS = [
    ("create_user", {"UserName": "new"}, "iam:CreateUser", "{arn}user/new"),
    ("create_user", {"UserName": "new", "Path": "/p/"}, "iam:CreateUser", "{arn}user/p/new"),
    ("get_user", {"UserName": "target"}, "iam:GetUser", "user target"),
    ("delete_user", {"UserName": "target"}, "iam:DeleteUser", "user target"),
    ("list_users", {}, "iam:ListUsers", "{arn}user/"),
    ("list_users", {"PathPrefix": "/p/"}, "iam:ListUsers", "{arn}user/p/"),
    ("create_access_key", {"UserName": "target"}, "iam:CreateAccessKey", "user target"),
    ("list_access_keys", {"UserName": "target"}, "iam:ListAccessKeys", "user target"),
    ("put_user_policy", {"UserName": "target", "PolicyName": "p", "PolicyDocument": policy(allow("*"))}, "iam:PutUserPolicy", "user target"),
    ("create_group", {"GroupName": "new"}, "iam:CreateGroup", "{arn}group/new"),
    ("get_group", {"GroupName": "target"}, "iam:GetGroup", "group target"),
    ("add_user_to_group", {"GroupName": "target", "UserName": "nobody"}, "iam:AddUserToGroup", "group target"),
    ("list_groups", {}, "iam:ListGroups", "{arn}group/"),
    ("create_role", {"RoleName": "new", "AssumeRolePolicyDocument": trust("111122223333")}, "iam:CreateRole", "{arn}role/new"),
    ("get_role", {"RoleName": "target"}, "iam:GetRole", "role target"),
    ("update_assume_role_policy", {"RoleName": "target", "PolicyDocument": trust("111122223333")}, "iam:UpdateAssumeRolePolicy", "role target"),
    ("list_roles", {}, "iam:ListRoles", "{arn}role/"),
    ("list_roles", {"PathPrefix": "/p/"}, "iam:ListRoles", "{arn}role/p/"),
    ("create_policy", {"PolicyName": "new", "PolicyDocument": policy(allow("s3:*"))}, "iam:CreatePolicy", "{arn}policy/new"),
    ("get_policy", {"PolicyArn": "{arn}policy/target"}, "iam:GetPolicy", "policy {arn}policy/target"),
    ("list_policies", {}, "iam:ListPolicies", "policy path /"),
    ("get_account_summary", {}, "iam:GetAccountSummary", "*"),
    ("list_account_aliases", {}, "iam:ListAccountAliases", "*"),
    ("create_account_alias", {"AccountAlias": "mine"}, "iam:CreateAccountAlias", "*"),
]


@pytest.mark.parametrize(("operation", "parameters", "action", "resource"), REFUSALS, ids=lambda value: value if isinstance(value, str) and ":" in value else "")
def test_without_a_policy_nothing_is_allowed(server, nobody, operation, parameters, action, resource):
    arn = server.arn("")
    parameters = {name: value.replace("{arn}", arn) for name, value in parameters.items()}
    with refused(server.arn("user/nobody"), action, resource.replace("{arn}", arn)):
        getattr(nobody, operation)(**parameters)


def test_a_refusal_has_no_effect(server, iam, nobody):
    with no_such("user", "new"):
        iam.get_user(UserName="new")
    with no_such("role", "new"):
        iam.get_role(RoleName="new")
    assert iam.list_user_policies(UserName="target")["PolicyNames"] == []


def test_a_refusal_does_not_tell_what_exists(server, nobody):
    with fails("AccessDenied", 403, re.compile(".+ is not authorized to perform: iam:GetUser on resource: user missing because .+")):
        nobody.get_user(UserName="missing")
    with fails("AccessDenied", 403, re.compile(".+ is not authorized to perform: iam:DeleteRole on resource: role missing because .+")):
        nobody.delete_role(RoleName="missing")


def test_a_grant_is_for_the_named_resource(server):
    iam = server.iam(server.user("own", allow("iam:GetUser", "arn:aws:iam::*:user/${aws:username}")))
    assert iam.get_user()["User"]["UserName"] == "own"
    assert iam.get_user(UserName="own")["User"]["UserName"] == "own"
    server.iam().create_user(UserName="notown")
    with refused(server.arn("user/own"), "iam:GetUser", "user notown"):
        iam.get_user(UserName="notown")


def test_groups_grant_and_take(server, iam):
    key = server.user("member")
    own = server.iam(key)
    iam.create_group(GroupName="listers")
    iam.put_group_policy(GroupName="listers", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers")))
    with refused(server.arn("user/member"), "iam:ListUsers", server.arn("user/")):
        own.list_users()
    iam.add_user_to_group(GroupName="listers", UserName="member")
    own.list_users()
    iam.remove_user_from_group(GroupName="listers", UserName="member")
    with refused(server.arn("user/member"), "iam:ListUsers", server.arn("user/")):
        own.list_users()


def test_an_explicit_deny_names_its_kind(server, iam):
    own = server.iam(server.user("stopped", allow("*"), deny("iam:ListUsers")))
    with refused(server.arn("user/stopped"), "iam:ListUsers", server.arn("user/"), "with an explicit deny in an identity-based policy"):
        own.list_users()


def test_an_explicit_deny_of_a_managed_policy_names_it(server, iam):
    own = server.iam(server.user("halted", allow("*")))
    arn = iam.create_policy(PolicyName="Halt", PolicyDocument=policy(deny("iam:ListUsers")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="halted", PolicyArn=arn)
    because = f"with an explicit deny in an identity-based policy: {arn}"
    with refused(server.arn("user/halted"), "iam:ListUsers", server.arn("user/"), because):
        own.list_users()
    # A change of the default version is in force at once.
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(deny("iam:ListRoles")), SetAsDefault=True)
    own.list_users()
    with refused(server.arn("user/halted"), "iam:ListRoles", server.arn("role/"), because):
        own.list_roles()


def test_a_boundary_limits_an_administrator(server, iam):
    fence = iam.create_policy(PolicyName="Fence", PolicyDocument=policy(allow(["s3:*", "iam:GetUser"])))["Policy"]["Arn"]
    own = server.iam(server.user("fenced", allow("*"), PermissionsBoundary=fence))
    own.get_user()
    because = "because no permissions boundary allows the iam:CreateUser action"
    with refused(server.arn("user/fenced"), "iam:CreateUser", server.arn("user/escape"), because):
        own.create_user(UserName="escape")


def test_a_boundary_grants_nothing(server, iam):
    fence = iam.create_policy(PolicyName="Wide", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    own = server.iam(server.user("empty", PermissionsBoundary=fence))
    with refused(server.arn("user/empty"), "iam:ListUsers", server.arn("user/")):
        own.list_users()


def test_a_delegate_makes_only_bounded_users(server, iam):
    fence = iam.create_policy(PolicyName="Delegate", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    grant = allow("iam:CreateUser", StringEquals={"iam:PermissionsBoundary": fence})
    own = server.iam(server.user("delegate", grant))
    with refused(server.arn("user/delegate"), "iam:CreateUser", server.arn("user/free")):
        own.create_user(UserName="free")
    own.create_user(UserName="bounded", PermissionsBoundary=fence)


def test_tags_at_creation_need_their_own_grant(server):
    own = server.iam(server.user("tagger", allow("iam:CreateUser")))
    own.create_user(UserName="plain")
    with refused(server.arn("user/tagger"), "iam:TagUser", server.arn("user/tagged")):
        own.create_user(UserName="tagged", Tags=[{"Key": "a", "Value": "b"}])
    with no_such("user", "tagged"):
        server.iam().get_user(UserName="tagged")


def test_a_rename_needs_both_names(server, iam):
    iam.create_user(UserName="old-name")
    own = server.iam(server.user("renamer", allow("iam:UpdateUser", server.arn("user/old-name"))))
    with fails("AccessDenied", 403, re.compile(".+ is not authorized to perform: iam:UpdateUser on resource: .*user/new-name because .+")):
        own.update_user(UserName="old-name", NewUserName="new-name")
    iam.get_user(UserName="old-name")


def test_an_attachment_is_limited_by_the_policy(server, iam):
    good = iam.create_policy(PolicyName="Good", PolicyDocument=policy(allow("s3:Get*")))["Policy"]["Arn"]
    bad = iam.create_policy(PolicyName="Bad", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    grant = allow("iam:AttachUserPolicy", ArnEquals={"iam:PolicyARN": good})
    own = server.iam(server.user("attacher", grant))
    own.attach_user_policy(UserName="attacher", PolicyArn=good)
    with refused(server.arn("user/attacher"), "iam:AttachUserPolicy", "user attacher"):
        own.attach_user_policy(UserName="attacher", PolicyArn=bad)


def test_a_new_user_of_an_old_name_inherits_nothing(server, iam):
    server.user("heir", allow("*"))
    role = server.role("Estate", trust(server.arn("user/heir")))
    for key in iam.list_access_keys(UserName="heir")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="heir", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="heir", PolicyName="inline")
    iam.delete_user(UserName="heir")
    again = server.user("heir")
    with refused(server.arn("user/heir"), "iam:ListUsers", server.arn("user/")):
        server.iam(again).list_users()
    with fails("AccessDenied", 403, re.compile(".+ is not authorized to perform: sts:AssumeRole on resource: .+")):
        server.assume(again, role)


def test_a_restricted_session_makes_no_key(server):
    """A session cannot mint credentials that its own policy does not let it mint."""
    server.user("minter", allow("*"))
    role = server.role("Mint", trust(server.arn("user/minter")), allow("*"))
    key = Credentials.of(server.iam().create_access_key(UserName="minter"))
    session = server.iam(server.assume(key, role, Policy=policy(allow("iam:Get*"))))
    because = "because no session policy allows the iam:CreateAccessKey action"
    with refused(server.arn("assumed-role/Mint/session", "sts"), "iam:CreateAccessKey", "user minter", because):
        session.create_access_key(UserName="minter")
