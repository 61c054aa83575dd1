"""The classic cases, with real credentials, asked as a resource service asks: who may do what."""

import time

import pytest
from doorward import Credentials, allow, deny, fails, policy, trust, utc

BUCKET = "arn:aws:s3:::reports"
OBJECT = f"{BUCKET}/2026/q1.csv"


def check(server, principal, action, resource, decision, kind, **request):
    got = server.decide(principal, action, resource, **request)
    assert (got["decision"], got["kind"]) == (decision, kind), got
    assert got["id"]
    return got


def allowed(server, principal, action, resource=OBJECT, **request):
    return check(server, principal, action, resource, "Allow", "allow", **request)


def denied(server, principal, action, resource=OBJECT, **request):
    return check(server, principal, action, resource, "Deny", "implicit", **request)


def forbidden(server, principal, action, resource=OBJECT, **request):
    return check(server, principal, action, resource, "Deny", "explicit", **request)


INSTANCE = "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc"


def test_a_developer_with_read_only_s3_and_full_ec2(server):
    key = server.user("developer", allow(["s3:Get*", "s3:List*"]), allow("ec2:*"))
    for principal in (key, server.arn("user/developer")):
        allowed(server, principal, "s3:GetObject")
        allowed(server, principal, "s3:ListBucket", BUCKET)
        denied(server, principal, "s3:DeleteObject")
        denied(server, principal, "s3:PutObject")
        allowed(server, principal, "ec2:TerminateInstances", INSTANCE)
        denied(server, principal, "iam:CreateUser", server.arn("user/x"))


def test_reading_is_granted_on_one_bucket_and_deleting_on_none(server):
    key = server.user("clerk", allow("s3:*", [BUCKET, f"{BUCKET}/*"]), deny("s3:Delete*"))
    allowed(server, key, "s3:GetObject")
    allowed(server, key, "S3:getobject")  # Actions have no case.
    denied(server, key, "s3:GetObject", "arn:aws:s3:::Reports/2026/q1.csv")  # Resources do.
    denied(server, key, "s3:GetObject", "arn:aws:s3:::reports2/a")
    got = forbidden(server, key, "s3:DeleteObject")
    assert any(reason["effect"] == "Deny" for reason in got["reasons"])


def test_the_role_of_an_instance_reads_and_cannot_delete(server, iam):
    trusted = {"Service": "ec2.amazonaws.com", "AWS": server.arn("user/deputy")}
    key = server.user("deputy")
    role = server.role("WebServer", trust(trusted), allow("s3:GetObject", f"{BUCKET}/*"))
    session = server.assume(key, role, "i-0abc")
    for principal in (session, role):
        allowed(server, principal, "s3:GetObject")
        denied(server, principal, "s3:DeleteObject")
    # What the role loses, its sessions lose.
    iam.delete_role_policy(RoleName="WebServer", PolicyName="inline")
    denied(server, session, "s3:GetObject")


def test_a_contractor_until_a_date(server):
    past, future = utc(hours=-1), utc(hours=1)

    def until(end):
        return allow("s3:GetObject", DateLessThan={"aws:CurrentTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")})

    allowed(server, server.user("contractor", until(future)), "s3:GetObject")
    denied(server, server.user("former-contractor", until(past)), "s3:GetObject")


def test_a_contractor_with_a_session_that_ends(server):
    key = server.user("agency")
    role = server.role("Contractor", trust(server.arn("user/agency")), allow("s3:*"))
    response = server.sts(key).assume_role(
        RoleArn=role, RoleSessionName="visit", DurationSeconds=900, Policy=policy(allow("s3:GetObject"))
    )
    left = response["Credentials"]["Expiration"] - utc()
    assert 840 < left.total_seconds() <= 900
    session = Credentials.of(response)
    allowed(server, session, "s3:GetObject")
    denied(server, session, "s3:PutObject")


def test_a_boundary_limits_an_administrator(server, iam):
    fence = iam.create_policy(PolicyName="OnlyS3", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    key = server.user("boss", allow("*"), PermissionsBoundary=fence)
    allowed(server, key, "s3:DeleteObject")
    denied(server, key, "ec2:RunInstances", INSTANCE)
    iam.delete_user_permissions_boundary(UserName="boss")
    allowed(server, key, "ec2:RunInstances", INSTANCE)


def test_without_mfa_an_explicit_deny(server):
    guard = deny("*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})
    key = server.user("careless", allow("s3:*"), guard)
    forbidden(server, key, "s3:GetObject")
    session = Credentials.of(server.sts(key).get_session_token())
    forbidden(server, session, "s3:GetObject")
    caller = server.arn("user/careless")
    text = (
        f"User: {caller} is not authorized to perform: iam:ListUsers on resource: {server.arn('user/')} "
        "with an explicit deny in an identity-based policy"
    )
    with fails("AccessDenied", 403, text):
        server.iam(key).list_users()


def test_with_bool_alone_a_missing_key_does_not_deny(server):
    """The trap in the case above: without IfExists, a long-term key has no such context key and is let through."""
    key = server.user("trapped", allow("s3:*"), deny("*", Bool={"aws:MultiFactorAuthPresent": "false"}))
    allowed(server, key, "s3:GetObject")


def test_one_folder_for_each_user(server):
    grant = allow("s3:*", f"{BUCKET}/home/${{aws:username}}/*")
    for name in ("ann", "ben"):
        key = server.user(name, grant)
        allowed(server, key, "s3:PutObject", f"{BUCKET}/home/{name}/file")
    denied(server, key, "s3:PutObject", f"{BUCKET}/home/ann/file")
    denied(server, key, "s3:PutObject", f"{BUCKET}/home/*/file")


def test_the_request_gives_its_context(server):
    key = server.user("tiered", allow("billing:Refund", NumericLessThanEquals={"billing:Amount": "100"}))
    invoice = "arn:aws:billing:eu:111122223333:invoice/42"
    allowed(server, key, "billing:Refund", invoice, context={"billing:Amount": ["100"]})
    denied(server, key, "billing:Refund", invoice, context={"billing:Amount": ["100.01"]})
    got = denied(server, key, "billing:Refund", invoice)
    assert got["missingContext"] == ["billing:Amount"]


def test_the_bucket_speaks_too(server):
    """A resource policy of the same account grants by itself, and denies over everything."""
    key = server.user("guest")
    arn = server.arn("user/guest")
    grant = policy({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"})
    allowed(server, key, "s3:GetObject", resourcePolicy=grant, resourceAccount=server.account)
    admin = server.user("admin", allow("*"))
    stop = policy({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"{BUCKET}/*"})
    forbidden(server, admin, "s3:DeleteObject", resourcePolicy=stop, resourceAccount=server.account)
    allowed(server, admin, "s3:GetObject", resourcePolicy=stop, resourceAccount=server.account)


def test_a_bucket_of_another_account_needs_both(server, other):
    key = server.user("traveller")
    arn = server.arn("user/traveller")
    grant = policy({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"})
    there = {"resourceAccount": other.account}
    denied(server, key, "s3:GetObject", resourcePolicy=grant, **there)
    server.iam().put_user_policy(UserName="traveller", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject")))
    allowed(server, key, "s3:GetObject", resourcePolicy=grant, **there)
    denied(server, key, "s3:GetObject", **there)


def test_root_may_do_everything_in_its_account(server):
    allowed(server, server.root, "s3:DeleteObject")
    allowed(server, server.arn("root"), "ec2:RunInstances", INSTANCE)


# Who may ask, and what for.


def test_asking_needs_a_grant(server):
    key = server.user("asker")
    question = {"principal": server.arn("user/asker"), "action": "s3:GetObject", "resource": OBJECT}
    status, answer = server.own("POST", "/v1/authorize", question, key)
    assert status == 403, answer
    grant = policy(allow("doorward:Authorize"))
    server.iam().put_user_policy(UserName="asker", PolicyName="p", PolicyDocument=grant)
    status, answer = server.own("POST", "/v1/authorize", question, key)
    assert (status, answer["decision"]) == (200, "Deny"), answer


def test_asking_unsigned_is_refused(server):
    answer = server.send("POST", "/v1/authorize", "{}", [("Content-Type", "application/json")])
    assert answer.status == 403, answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"action": None},
        {"resource": None},
        {"action": 1},
        {"action": "nocolon"},
        {"principal": "alice"},
        {"context": []},
        {"context": {"a:b": "text"}},
        {"context": {"a:b": [1]}},
        {"unknown": "member"},
        {"Action": "s3:GetObject"},
    ],
)
def test_a_question_is_well_formed(server, change):
    question = {"principal": server.arn("root"), "action": "s3:GetObject", "resource": OBJECT} | change
    question = {name: value for name, value in question.items() if value is not None}
    status, answer = server.own("POST", "/v1/authorize", question)
    assert status == 400, answer


def test_a14_a_question_cannot_claim_what_only_the_server_knows(server):
    key = server.user("liar", allow("s3:*", Bool={"aws:MultiFactorAuthPresent": "true"}))
    question = {"action": "s3:GetObject", "resource": OBJECT, "credentials": {"accessKeyId": key.access_key}}
    for name in ("aws:MultiFactorAuthPresent", "AWS:multifactorauthpresent", "aws:username", "aws:PrincipalArn"):
        status, answer = server.own("POST", "/v1/authorize", question | {"context": {name: ["true"]}})
        assert status == 400 or answer["decision"] == "Deny", (name, answer)


def test_a_decision_is_explained_later(server):
    key = server.user("curious", allow("s3:Get*"), deny("s3:GetObjectAcl"))
    got = forbidden(server, key, "s3:GetObjectAcl")
    # Denials are on record within a second.
    deadline = time.monotonic() + 1
    while True:
        status, answer = server.own("GET", f"/v1/decisions/{got['id']}")
        if status == 200 or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert status == 200, answer
    assert answer["id"] == got["id"]
    status, answer = server.own("GET", "/v1/decisions/d-00000000000000000000000000000000")
    assert status in (400, 404), answer
