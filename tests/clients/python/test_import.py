"""An account moves: the AWS CLI prints it, `doorward import` makes it again, and the AWS CLI prints the same."""

import json
import os
import subprocess

import doorward
import pytest
from doorward import ACCOUNT, REGION, allow, deny, policy, trust
from test_cli import Cli

MADE_BY_THE_SERVICE = ("CreateDate", "UpdateDate", "UserId", "GroupId", "RoleId", "PolicyId", "InstanceProfileId")
FRESH = "333333333333"


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    Cli.home = str(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def exported(server):
    """The account of the classic cases, as the AWS CLI prints it."""
    iam = server.iam()
    classic(iam, server)
    return Cli(server, server.root)("iam", "get-account-authorization-details")


def classic(iam, server):
    """Users, groups, roles, versions, inline policies, boundaries, tags, paths, instance profiles, AWS's policies."""

    def made(name, *statements, **details):
        return iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements), **details)["Policy"]["Arn"]

    reader = made("Reader", allow(["s3:Get*", "s3:List*"]), Path="/team/", Description="Reads, and writes nothing")
    for action in ("s3:GetObject", "s3:GetBucketLocation", "s3:ListBucket"):
        iam.create_policy_version(PolicyArn=reader, PolicyDocument=policy(allow(action)), SetAsDefault=True)
    iam.delete_policy_version(PolicyArn=reader, VersionId="v1")
    iam.delete_policy_version(PolicyArn=reader, VersionId="v3")
    iam.set_default_policy_version(PolicyArn=reader, VersionId="v2")
    limit = made("Limit", allow("*"), deny("iam:*", server.arn("user/admin/*")))
    never = made("NeverDelete", deny("s3:DeleteObject"), Path="/guard/rails/")
    unused = made("Unused", allow("ec2:*", "*", StringEquals={"aws:ResourceAccount": server.account}))
    assert unused

    iam.create_group(GroupName="developers", Path="/team/")
    iam.create_group(GroupName="Empty")
    iam.attach_group_policy(GroupName="developers", PolicyArn=reader)
    iam.attach_group_policy(GroupName="developers", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_group_policy(GroupName="developers", PolicyName="own", PolicyDocument=policy(allow("ec2:*")))

    tags = [{"Key": "Team", "Value": "Ünïcode + red"}, {"Key": "empty", "Value": ""}]
    iam.create_user(UserName="alice", Path="/team/", PermissionsBoundary=limit, Tags=tags)
    iam.create_user(UserName="Bob")
    iam.add_user_to_group(GroupName="developers", UserName="alice")
    iam.add_user_to_group(GroupName="Empty", UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn=never)
    iam.attach_user_policy(UserName="alice", PolicyArn=reader)
    document = policy(allow("s3:PutObject", "arn:aws:s3:::home/${aws:username}/*", Bool={"aws:SecureTransport": "true"}))
    iam.put_user_policy(UserName="alice", PolicyName="Home+1", PolicyDocument=document)
    iam.put_user_policy(UserName="Bob", PolicyName="assume", PolicyDocument=policy(allow("sts:*", server.arn("role/*"))))

    iam.create_role(
        RoleName="app",
        Path="/web/",
        AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"}),
        PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess",
        Tags=tags,
    )
    iam.attach_role_policy(RoleName="app", PolicyArn=reader)
    iam.put_role_policy(RoleName="app", PolicyName="pass", PolicyDocument=policy(allow("iam:PassRole", server.arn("role/web/app"))))
    # They name each other, a user, and the whole account.
    iam.create_role(RoleName="one", AssumeRolePolicyDocument=trust(server.account))
    iam.create_role(RoleName="two", AssumeRolePolicyDocument=trust({"AWS": [server.arn("role/one"), server.arn("user/team/alice")]}))
    iam.update_assume_role_policy(RoleName="one", PolicyDocument=trust(server.arn("role/two")))
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine")
    for name in ("app", "app-2"):
        iam.create_instance_profile(InstanceProfileName=name, Path="/web/", Tags=tags)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="app")


def comparable(details, account):
    """Without what the service makes by itself, in an order of its own, and with one account id in place of each."""

    def plain(value):
        if isinstance(value, dict):
            return {key: plain(value[key]) for key in value if key not in MADE_BY_THE_SERVICE}
        if isinstance(value, list):
            return [plain(element) for element in value]
        return value

    return json.loads(json.dumps(plain(details)).replace(account, "ACCOUNT"))


def doorward_import(server, credentials, *arguments, given=None):
    environment = os.environ | credentials.environment() | {"AWS_ENDPOINT_URL": server.url, "AWS_REGION": REGION}
    environment.pop("AWS_SESSION_TOKEN", None)
    command = [server.binary, "import", *arguments]
    return subprocess.run(command, env=environment, input=given, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def file(exported, tmp_path_factory):
    path = tmp_path_factory.mktemp("import") / "account.json"
    path.write_text(json.dumps(exported, indent=4))
    return str(path)


def test_what_is_exported_has_everything(exported):
    users = {user["UserName"]: user for user in exported["UserDetailList"]}
    assert users["alice"]["GroupList"] == ["developers", "Empty"]
    assert users["alice"]["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Effect"] == "Allow"
    policies = {found["PolicyName"]: found for found in exported["Policies"]}
    assert [version["VersionId"] for version in policies["Reader"]["PolicyVersionList"]] == ["v4", "v2"]
    assert policies["ReadOnlyAccess"]["AttachmentCount"] == 1
    assert policies["PowerUserAccess"]["PermissionsBoundaryUsageCount"] == 1
    assert "AdministratorAccess" not in policies


def test_pages_together_are_the_account(server, exported):
    """Whatever their size, through the CLI and through boto3's paginator."""
    for size in ("1", "3", "1000"):
        aws = Cli(server, server.root)
        assert aws("iam", "get-account-authorization-details", "--page-size", size) == exported
    pages = server.iam().get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    users = [user["UserName"] for page in pages for user in page["UserDetailList"]]
    assert users == [user["UserName"] for user in exported["UserDetailList"]]


def test_an_account_moves_to_another_id(server, exported, file):
    fresh = server.create_account(FRESH)
    ran = doorward_import(server, fresh.root, file, "--json")
    report = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, report["problems"]) == (0, "", []), ran
    assert (report["from"], report["accountId"], report["dryRun"]) == (ACCOUNT, FRESH, False)
    assert report["file"] == {"users": 2, "groups": 2, "roles": 4, "policies": 4, "instanceProfiles": 2}
    # Limit, Unused; Bob's and app's inline ones; the trust policies of one and two.
    assert report["documentsMoved"] == 6
    again = Cli(server, fresh.root)("iam", "get-account-authorization-details")
    assert comparable(again, FRESH) == comparable(exported, ACCOUNT)


def test_an_account_keeps_its_id_on_another_server(exported, file, tmp_path):
    other = doorward.Server(tmp_path)
    try:
        ran = doorward_import(other, other.root, file, "--json")
        report = json.loads(ran.stdout)
        assert (ran.returncode, report["problems"], report["documentsMoved"]) == (0, [], 0), ran
        again = Cli(other, other.root)("iam", "get-account-authorization-details")
        assert comparable(again, ACCOUNT) == comparable(exported, ACCOUNT)
        # The one who may assume a role is the new user of that name.
        credentials = doorward.Credentials.of(other.iam().create_access_key(UserName="alice"))
        other.iam().delete_user_permissions_boundary(UserName="alice")
        other.iam().put_user_policy(UserName="alice", PolicyName="sts", PolicyDocument=policy(allow("sts:AssumeRole")))
        other.assume(credentials, other.arn("role/two"))
    finally:
        other.kill()


def test_a_second_import_is_refused_and_changes_nothing(server, file):
    before = Cli(server, server.root)("iam", "get-account-authorization-details")
    ran = doorward_import(server, server.root, file)
    assert ran.returncode == 1
    assert "the account has some of these names already: user alice, user bob, group developers" in ran.stderr, ran
    assert Cli(server, server.root)("iam", "get-account-authorization-details") == before


def test_a_dry_run_changes_nothing(server, exported):
    fresh = server.create_account("444444444444")
    changed = json.loads(json.dumps(exported))
    changed["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] = {"Version": "2012-10-17"}
    ran = doorward_import(server, fresh.root, "-", "--dry-run", given=json.dumps(changed))
    assert ran.returncode == 1
    assert ran.stdout.startswith("would import 2 users, 2 groups, 4 roles, 4 policies, 2 instance profiles   into account 4")
    assert "✗ user alice: its policy Home+1: Syntax errors in policy." in ran.stdout
    assert fresh.iam().list_users()["Users"] == []
    # And without the dry run, everything but that.
    ran = doorward_import(server, fresh.root, "-", given=json.dumps(changed))
    assert ran.returncode == 1
    assert ran.stdout.startswith("imported what could be of 2 users"), ran.stdout
    assert fresh.iam().list_user_policies(UserName="alice")["PolicyNames"] == []
    assert fresh.iam().list_groups_for_user(UserName="alice")["Groups"][0]["GroupName"] == "developers"


def test_what_the_server_refuses_is_told(server, exported):
    """Another account, which is not there, may not be trusted; the role lets nobody in until somebody decides."""
    fresh = server.create_account("555555555555")
    details = {"UserDetailList": [], "GroupDetailList": [], "Policies": []}
    role = next(role for role in exported["RoleDetailList"] if role["RoleName"] == "two")
    stranger = role["AssumeRolePolicyDocument"] | {"Statement": json.loads(trust("999999999999"))["Statement"]}
    details["RoleDetailList"] = [role | {"AssumeRolePolicyDocument": stranger}]
    ran = doorward_import(server, fresh.root, "-", "--json", given=json.dumps(details))
    problems = json.loads(ran.stdout)["problems"]
    assert ran.returncode == 1
    assert problems == [{"what": "role two: its trust policy", "why": problems[0]["why"]}]
    assert "MalformedPolicyDocument" in problems[0]["why"]
    left = fresh.iam().get_role(RoleName="two")["Role"]["AssumeRolePolicyDocument"]
    assert [statement["Effect"] for statement in left["Statement"]] == ["Deny"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "EOF while parsing"),
        ('{"Users": []}', "missing field `UserDetailList`"),
        ('{"UserDetailList": [], "UserDetailList": []}', "duplicate field"),
        (
            '{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": [], "NextToken": "x"}',
            "it is a part of an account",
        ),
    ],
)
def test_what_is_no_account(server, text, why):
    ran = doorward_import(server, server.root, "-", given=text)
    assert (ran.returncode, why in ran.stderr) == (1, True), ran.stderr
