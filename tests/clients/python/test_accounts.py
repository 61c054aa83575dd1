"""Two accounts on one server: neither sees the other but by a role's leave."""

import re

import pytest
from doorward import allow, deny, fails, no_such, policy, trust


@pytest.fixture(scope="module")
def theirs(other):
    return other.iam()


def test_equal_names_in_two_accounts_are_two_users(server, iam, other, theirs):
    ours = iam.create_user(UserName="twin")["User"]
    foreign = theirs.create_user(UserName="twin")["User"]
    assert foreign["Arn"] == other.arn("user/twin")
    assert foreign["UserId"] != ours["UserId"]
    iam.delete_user(UserName="twin")
    assert theirs.get_user(UserName="twin")["User"]["UserId"] == foreign["UserId"]


def test_what_is_another_accounts_is_not_there(server, iam, other, theirs):
    theirs.create_user(UserName="hidden")
    key = theirs.create_access_key(UserName="hidden")["AccessKey"]["AccessKeyId"]
    arn = theirs.create_policy(PolicyName="Hidden", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    with no_such("user", "hidden"):
        iam.get_user(UserName="hidden")
    iam.create_user(UserName="prober")
    with fails("NoSuchEntity", 404, f"The Access Key with id {key} cannot be found"):
        iam.delete_access_key(UserName="prober", AccessKeyId=key)
    for call in (
        lambda: iam.get_policy(PolicyArn=arn),
        lambda: iam.attach_user_policy(UserName="prober", PolicyArn=arn),
        lambda: iam.put_user_permissions_boundary(UserName="prober", PermissionsBoundary=arn),
    ):
        with pytest.raises(Exception) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404)
    assert theirs.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


def test_a_marker_of_one_account_is_of_no_use_in_another(server, iam, theirs):
    for number in range(2):
        iam.create_user(UserName=f"marked{number}")
    marker = iam.list_users(MaxItems=1)["Marker"]
    with fails("ValidationError", 400, "Invalid Marker."):
        theirs.list_users(Marker=marker)


def test_a_role_across_accounts_with_an_external_id(server, other, theirs):
    """The third party's account is trusted, and only for calls made in this customer's name."""
    condition = {"StringEquals": {"sts:ExternalId": "customer-7"}}
    role = other.role("Audit", trust(server.account, **condition), allow("iam:ListUsers"))
    partner = server.user("partner", allow("sts:AssumeRole", role))
    words = re.compile(re.escape(f"User: {server.arn('user/partner')} is not authorized to perform: sts:AssumeRole on resource: {role}") + ".*")
    with fails("AccessDenied", 403, words):
        server.assume(partner, role)
    with fails("AccessDenied", 403, words):
        server.assume(partner, role, ExternalId="customer-8")
    session = server.assume(partner, role, ExternalId="customer-7")

    got = server.sts(session).get_caller_identity()
    assert (got["Account"], got["Arn"]) == (other.account, other.arn("assumed-role/Audit/session", "sts"))
    names = [user["UserName"] for user in server.iam(session).list_users()["Users"]]
    assert names == [user["UserName"] for user in theirs.list_users()["Users"]]
    caller = other.arn("assumed-role/Audit/session", "sts")
    text = f"User: {caller} is not authorized to perform: iam:CreateUser on resource: {other.arn('user/x')} because no identity-based policy allows the iam:CreateUser action"
    with fails("AccessDenied", 403, text):
        server.iam(session).create_user(UserName="x")


def test_across_accounts_both_sides_must_allow(server, other):
    """A trust policy that names the foreign user is not enough: the user's own account must allow it too."""
    visitor = server.user("visitor")
    role = other.role("Visited", trust(server.arn("user/visitor")))
    words = re.compile(".+ is not authorized to perform: sts:AssumeRole on resource: .+")
    with fails("AccessDenied", 403, words):
        server.assume(visitor, role)
    server.iam().put_user_policy(UserName="visitor", PolicyName="p", PolicyDocument=policy(allow("sts:AssumeRole", role)))
    server.assume(visitor, role)
    server.iam().put_user_policy(UserName="visitor", PolicyName="no", PolicyDocument=policy(deny("sts:AssumeRole", role)))
    with fails("AccessDenied", 403, words):
        server.assume(visitor, role)


def test_a_role_that_trusts_nobody_abroad(server, other):
    stranger = server.user("stranger", allow("sts:AssumeRole"))
    role = other.role("Home", trust(other.account))
    with fails("AccessDenied", 403, re.compile(".+ is not authorized to perform: sts:AssumeRole on resource: .+")):
        server.assume(stranger, role)
