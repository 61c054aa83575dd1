"""STS: who one is, sessions of roles and of oneself, and what those may not do."""

import datetime
import json
import re

import pytest
from botocore.exceptions import ClientError
from doorward import INVALID_TOKEN, Credentials, allow, fails, policy, trust, utc


def not_allowed(caller, action, resource):
    """What STS answers to a refused AssumeRole: the short form, or the documented long one."""
    text = f"User: {caller} is not authorized to perform: {action} on resource: {resource}"
    return fails("AccessDenied", 403, re.compile(re.escape(text) + "( because no .+ allows the .+ action)?"))


@pytest.fixture(scope="module")
def alice(server):
    return server.user("alice")


@pytest.fixture(scope="module")
def reader(server, alice):
    """A role that alice may assume, for at most two hours."""
    everything = trust(server.arn("user/alice"), ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    return server.role("Reader", everything, allow("iam:ListUsers"), Path="/svc/", MaxSessionDuration=7200)


def lifetime(response):
    return response["Credentials"]["Expiration"] - utc()


def about(seconds):
    return pytest.approx(seconds, abs=30)


def test_caller_identity_of_root(server, sts):
    got = sts.get_caller_identity()
    assert (got["UserId"], got["Account"], got["Arn"]) == (server.account, server.account, server.arn("root"))


def test_caller_identity_of_a_user(server, iam, alice):
    got = server.sts(alice).get_caller_identity()
    assert got["UserId"] == iam.get_user(UserName="alice")["User"]["UserId"]
    assert got["Arn"] == server.arn("user/alice")


def test_a_session_of_a_role(server, iam, alice, reader):
    response = server.sts(alice).assume_role(RoleArn=reader, RoleSessionName="monday")
    session = Credentials.of(response)
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", session.access_key)
    assert lifetime(response).total_seconds() == about(3600)
    assert response["Credentials"]["Expiration"].tzinfo is not None
    role_id = iam.get_role(RoleName="Reader")["Role"]["RoleId"]
    assert response["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:monday",
        "Arn": server.arn("assumed-role/Reader/monday", "sts"),  # The role's path is not in it.
    }
    assert "PackedPolicySize" not in response
    got = server.sts(session).get_caller_identity()
    assert (got["UserId"], got["Arn"]) == (f"{role_id}:monday", response["AssumedRoleUser"]["Arn"])
    server.iam(session).list_users()
    assert iam.get_role(RoleName="Reader")["Role"]["RoleLastUsed"].keys() <= {"LastUsedDate", "Region"}


def test_two_sessions_share_nothing(server, alice, reader):
    one, two = (server.assume(alice, reader) for _ in range(2))
    assert one.access_key != two.access_key
    assert one.secret_key != two.secret_key
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        server.sts(Credentials(one.access_key, one.secret_key, two.token)).get_caller_identity()


def test_a_session_needs_its_token(server, alice, reader):
    session = server.assume(alice, reader)
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        server.sts(Credentials(session.access_key, session.secret_key)).get_caller_identity()
    middle = len(session.token) // 2
    other = "A" if session.token[middle] != "A" else "B"
    for token in (session.token[:-1], session.token[:middle] + other + session.token[middle + 1 :], "x" * 400):
        with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
            server.sts(Credentials(session.access_key, session.secret_key, token)).get_caller_identity()


@pytest.mark.parametrize("seconds", [900, 7200])
def test_the_duration_is_what_was_asked(server, alice, reader, seconds):
    response = server.sts(alice).assume_role(RoleArn=reader, RoleSessionName="timed", DurationSeconds=seconds)
    assert lifetime(response).total_seconds() == about(seconds)


@pytest.mark.parametrize(("seconds", "bound"), [(899, "greater than or equal to 900"), (43201, "less than or equal to 43200")])
def test_durations_out_of_bounds(server, alice, reader, seconds, bound):
    text = (
        f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
        f"Member must have value {bound}"
    )
    with fails("ValidationError", 400, text):
        server.sts(alice, parameter_validation=False).assume_role(
            RoleArn=reader, RoleSessionName="timed", DurationSeconds=seconds
        )


def test_a_chained_session_lasts_an_hour(server, iam):
    server.role("First", trust(server.arn("user/alice")), allow("sts:AssumeRole"))
    last = server.role("Last", trust(server.arn("role/First")), MaxSessionDuration=43200)
    alice = Credentials.of(iam.create_access_key(UserName="alice"))
    first = server.assume(alice, server.arn("role/First"))
    sts = server.sts(first)
    assert lifetime(sts.assume_role(RoleArn=last, RoleSessionName="chained")).total_seconds() == about(3600)
    text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    with fails("ValidationError", 400, text):
        sts.assume_role(RoleArn=last, RoleSessionName="chained", DurationSeconds=3601)
    iam.delete_access_key(UserName="alice", AccessKeyId=alice.access_key)


def test_who_may_not_assume(server, sts, alice, reader):
    with fails("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        sts.assume_role(RoleArn=reader, RoleSessionName="root")
    mallory = server.user("mallory", allow("sts:AssumeRole"))
    with not_allowed(server.arn("user/mallory"), "sts:AssumeRole", reader):
        server.assume(mallory, reader)
    # A role that does not exist is refused in the same words.
    missing = server.arn("role/Missing")
    with not_allowed(server.arn("user/mallory"), "sts:AssumeRole", missing):
        server.assume(mallory, missing)


def test_the_account_in_a_trust_policy_needs_a_grant(server):
    role = server.role("ForAccount", trust(server.account))
    with not_allowed(server.arn("user/eve"), "sts:AssumeRole", role):
        server.assume(server.user("eve"), role)
    server.assume(server.user("erin", allow("sts:AssumeRole", role)), role)


def test_an_instance_role_is_not_for_users(server):
    role = server.role("Instance", trust({"Service": "ec2.amazonaws.com"}))
    with not_allowed(server.arn("user/frank"), "sts:AssumeRole", role):
        server.assume(server.user("frank", allow("sts:AssumeRole")), role)


def test_a_session_policy_only_narrows(server, alice, reader):
    response = server.sts(alice).assume_role(
        RoleArn=reader, RoleSessionName="narrow", Policy=policy(allow(["iam:GetUser", "iam:ListRoles"]))
    )
    assert 0 < response["PackedPolicySize"] <= 100
    session = server.iam(Credentials.of(response))
    caller = server.arn("assumed-role/Reader/narrow", "sts")
    with fails(
        "AccessDenied",
        403,
        f"User: {caller} is not authorized to perform: iam:ListUsers on resource: {server.arn('user/')} "
        "because no session policy allows the iam:ListUsers action",
    ):
        session.list_users()
    with fails(
        "AccessDenied",
        403,
        f"User: {caller} is not authorized to perform: iam:GetUser on resource: user alice "
        "because no identity-based policy allows the iam:GetUser action",
    ):
        session.get_user(UserName="alice")


def test_session_tags_need_a_grant(server, alice, reader):
    tags = [{"Key": "project", "Value": "x"}]
    server.assume(alice, reader, Tags=tags)
    untagged = server.role("Untagged", trust(server.arn("user/alice")))
    with not_allowed(server.arn("user/alice"), "sts:TagSession", untagged):
        server.assume(alice, untagged, Tags=tags)
    text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    with fails("InvalidParameterValue", 400, text):
        server.assume(alice, reader, Tags=[{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}])
    with fails("InvalidParameterValue", 400, "The specified transitive tag key must be included in the requested tags."):
        server.assume(alice, reader, Tags=tags, TransitiveTagKeys=["other"])


def test_a_source_identity_needs_a_grant_and_stays(server, alice, reader):
    response = server.sts(alice).assume_role(RoleArn=reader, RoleSessionName="named", SourceIdentity="alice")
    assert response["SourceIdentity"] == "alice"
    anonymous = server.role("NoSourceIdentity", trust(server.arn("user/alice")))
    with not_allowed(server.arn("user/alice"), "sts:SetSourceIdentity", anonymous):
        server.assume(alice, anonymous, SourceIdentity="alice")


def test_parameters_are_checked(server, alice, reader):
    text = (
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )
    with fails("ValidationError", 400, text):
        server.assume(alice, reader, "Session1:2")
    with fails("ValidationError", 400, "this-is-not-a-role-arn is invalid"):
        server.assume(alice, "this-is-not-a-role-arn")
    with fails("MalformedPolicyDocument", 400, re.compile(".+")):
        server.assume(alice, reader, Policy="not json")


def test_the_session_ends_with_its_role(server, iam, alice):
    role = server.role("Doomed", trust(server.arn("user/alice")), allow("iam:ListUsers"))
    session = server.iam(server.assume(alice, role))
    session.list_users()
    iam.delete_role_policy(RoleName="Doomed", PolicyName="inline")
    iam.delete_role(RoleName="Doomed")
    with pytest.raises(ClientError) as caught:
        session.list_users()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    # A new role of the old name is another role.
    server.role("Doomed", trust(server.arn("user/alice")), allow("iam:ListUsers"))
    with pytest.raises(ClientError) as caught:
        session.list_users()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_change_of_the_role_reaches_its_sessions(server, iam, alice, reader):
    session = server.iam(server.assume(alice, reader))
    session.list_users()
    iam.put_role_policy(RoleName="Reader", PolicyName="stop", PolicyDocument=policy({"Effect": "Deny", "Action": "*", "Resource": "*"}))
    with fails("AccessDenied", 403, re.compile(".+ with an explicit deny in an identity-based policy")):
        session.list_users()
    iam.delete_role_policy(RoleName="Reader", PolicyName="stop")
    session.list_users()


# GetSessionToken.


def test_a_session_of_a_user(server, alice):
    response = server.sts(alice).get_session_token()
    assert lifetime(response).total_seconds() == about(43200)
    session = Credentials.of(response)
    assert session.access_key.startswith("ASIA")
    assert server.sts(session).get_caller_identity()["Arn"] == server.arn("user/alice")
    short = server.sts(alice).get_session_token(DurationSeconds=900)
    assert lifetime(short).total_seconds() == about(900)


def test_root_sessions_last_an_hour(sts):
    assert lifetime(sts.get_session_token()).total_seconds() == about(3600)


def test_a_session_without_mfa_has_no_iam(server):
    admin = server.user("admin", allow("*"))
    session = Credentials.of(server.sts(admin).get_session_token())
    server.iam(admin).list_users()
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        server.iam(session).list_users()
    with fails("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        server.sts(session).get_session_token()


def test_a_session_of_a_user_assumes_roles(server, alice, reader):
    session = Credentials.of(server.sts(alice).get_session_token())
    server.iam(server.assume(session, reader)).list_users()


def test_a_role_session_gets_no_session_token(server, alice, reader):
    session = server.sts(server.assume(alice, reader))
    with fails("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        session.get_session_token()


def test_the_session_ends_with_its_user(server, iam):
    key = server.user("gone")
    session = server.sts(Credentials.of(server.sts(key).get_session_token()))
    session.get_caller_identity()
    iam.delete_access_key(UserName="gone", AccessKeyId=key.access_key)
    iam.delete_user(UserName="gone")
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        session.get_caller_identity()


def test_nothing_can_forbid_knowing_oneself(server):
    denied = server.user("denied", {"Effect": "Deny", "Action": "*", "Resource": "*"})
    sts = server.sts(denied)
    assert sts.get_caller_identity()["Arn"] == server.arn("user/denied")
    sts.get_session_token()


def test_the_account_of_a_temporary_key(server, sts, alice, reader):
    session = server.assume(alice, reader)
    assert sts.get_access_key_info(AccessKeyId=session.access_key)["Account"] == server.account


def test_expirations_are_whole_seconds_in_utc(server, alice, reader):
    answer = server.query("AssumeRole", alice, "sts", RoleArn=reader, RoleSessionName="raw")
    date = re.search(r"<Expiration>([^<]*)</Expiration>", answer.text)[1]
    assert datetime.datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ")
    assert json.dumps(answer.text).isascii()
