"""Temporary delegation through the stock clients: one account asks, another accepts, and for a time the first may act there."""

import json

import pytest
from doorward import Credentials, allow, fails, policy, refused
from test_cli import Cli

TEMPLATE = policy(allow("iam:ListUsers"), allow("s3:GetObject", "arn:aws:s3:::@{bucket}/*"))


@pytest.fixture(scope="module")
def template(other):
    return other.iam().create_policy(PolicyName="template", PolicyDocument=TEMPLATE)["Policy"]["Arn"]


def asked(server, other, template, workflow, **more):
    answer = other.iam().create_delegation_request(
        OwnerAccountId=server.account,
        Description="Sets the product up.",
        Permissions={
            "PolicyTemplateArn": template,
            "Parameters": [{"Name": "bucket", "Values": ["reports"], "Type": "string"}],
        },
        RequestorWorkflowId=workflow,
        NotificationChannel=f"arn:aws:sns:us-east-1:{other.account}:topic",
        SessionDuration=900,
        **more,
    )
    return answer["DelegationRequestId"]


def test_from_the_request_to_the_access(server, other, template):
    boss = server.user("boss", allow("*"))
    request = asked(server, other, template, "workflow-1", RequestMessage="As agreed: <today> & tomorrow.")
    here = server.iam(boss)
    got = here.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["RequestorId"], got["OnlySendByOwner"]) == ("UNASSIGNED", other.account, False)
    assert got["RequestMessage"] == "As agreed: <today> & tomorrow."
    assert json.loads(got["PermissionPolicy"])["Statement"][1]["Resource"] == "arn:aws:s3:::reports/*"
    here.associate_delegation_request(DelegationRequestId=request)
    here.update_delegation_request(DelegationRequestId=request, Notes="To be looked at.")
    here.accept_delegation_request(DelegationRequestId=request)
    here.send_delegation_token(DelegationRequestId=request)
    answer = other.sts().get_delegated_access_token(TradeInToken=request)
    assert answer["AssumedPrincipal"] == server.arn("user/boss")
    delegated = Credentials.of(answer)
    assert server.sts(delegated).get_caller_identity()["Arn"] == server.arn("user/boss")
    assert server.iam(delegated).list_users()["Users"]
    because = "because no session policy allows the iam:ListRoles action"
    with refused(server.arn("user/boss"), "iam:ListRoles", server.arn("role/"), because):
        server.iam(delegated).list_roles()
    # As a resource service asks.
    assert server.decide(delegated, "s3:GetObject", "arn:aws:s3:::reports/q1.csv")["decision"] == "Allow"
    assert server.decide(delegated, "s3:GetObject", "arn:aws:s3:::others/q1.csv")["decision"] == "Deny"
    with fails("AccessDenied", 403, "The trade-in token is not one of this account."):
        server.sts(boss).get_delegated_access_token(TradeInToken=request)
    server.iam().delete_user_policy(UserName="boss", PolicyName="inline")
    assert server.decide(delegated, "s3:GetObject", "arn:aws:s3:::reports/q1.csv")["decision"] == "Deny"


def test_a_rejection_is_final(server, other, template):
    owner = server.user("owner", allow("iam:AssociateDelegationRequest"))
    request = asked(server, other, template, "workflow-2")
    here = server.iam(owner)
    here.associate_delegation_request(DelegationRequestId=request)
    here.reject_delegation_request(DelegationRequestId=request, Notes="No.")
    got = other.iam().get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["RejectionReason"], got["OwnerId"]) == ("REJECTED", "No.", server.arn("user/owner"))
    with fails("InvalidInput", 400, "The state of the delegation request does not allow this."):
        server.iam().accept_delegation_request(DelegationRequestId=request)
    with fails("AccessDenied", 403, "The access was not released."):
        other.sts().get_delegated_access_token(TradeInToken=request)


def test_pages_and_owners(server, other, template):
    keys = {name: server.user(name, allow("iam:AssociateDelegationRequest")) for name in ("ann", "ben")}
    for number in range(4):
        request = asked(server, other, template, f"page-{number}")
        server.iam(keys["ann" if number % 2 else "ben"]).associate_delegation_request(DelegationRequestId=request)
    seen, more = [], {}
    while True:
        # Its `isTruncated` begins in lower case, which is why no paginator of the client's knows the operation.
        page = server.iam().list_delegation_requests(MaxItems=2, **more)
        assert len(page["DelegationRequests"]) <= 2
        seen += [one["RequestorId"] for one in page["DelegationRequests"] if one["State"] == "ASSIGNED"]
        if not page["isTruncated"]:
            break
        more = {"Marker": page["Marker"]}
    assert seen == [other.account] * 4
    ann = server.arn("user/ann")
    own = server.iam(keys["ann"]).list_delegation_requests(OwnerId=ann)["DelegationRequests"]
    assert [one["OwnerId"] for one in own] == [ann, ann]
    with fails("AccessDenied", 403, no_list(server, ann)):
        server.iam(keys["ann"]).list_delegation_requests(OwnerId=server.arn("user/ben"))


def no_list(server, caller):
    resource = server.arn("delegation-request/*")
    because = "because no identity-based policy allows the iam:ListDelegationRequests action"
    return f"User: {caller} is not authorized to perform: iam:ListDelegationRequests on resource: {resource} {because}"


def test_the_command_line(server, other, template, tmp_path, monkeypatch):
    monkeypatch.setattr(Cli, "home", str(tmp_path))
    boss = Cli(server, server.user("cli-boss", allow("*")))
    request = asked(server, other, template, "workflow-cli")
    for step in ("associate-delegation-request", "accept-delegation-request", "send-delegation-token"):
        boss("iam", step, "--delegation-request-id", request)
    answer = Cli(other, other.root)("sts", "get-delegated-access-token", "--trade-in-token", request)
    delegated = Cli(server, Credentials.of(answer))
    assert delegated("iam", "list-users")["Users"]
    delegated.fails(
        "An error occurred (AccessDenied) when calling the AssumeRole operation: Cannot call AssumeRole with delegated "
        "credentials",
        *("sts", "assume-role", "--role-arn", server.arn("role/any"), "--role-session-name", "name"),
    )
    summary = boss("iam", "get-human-readable-summary", "--entity-arn", server.arn(f"delegation-request/{request}"))
    assert summary["SummaryState"] == "NOT_SUPPORTED"
