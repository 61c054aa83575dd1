"""Every call leaves exactly one event, and no event holds a secret."""

import json
import time
import urllib.parse

import pytest
from botocore.exceptions import ClientError
from doorward import Credentials, allow


def events(server, request_ids):
    """The events of these requests, by request id; each is looked for until a second has passed."""
    wanted = set(request_ids)
    deadline = time.monotonic() + 2
    while True:
        found = [event for event in all_events(server) if event.get("requestID") in wanted]
        if {event["requestID"] for event in found} == wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def all_events(server):
    after = None
    while True:
        query = f"?after={urllib.parse.quote(after)}" if after else ""
        status, page = server.own("GET", f"/v1/events{query}")
        assert status == 200, page
        yield from page["events"]
        if not page["events"] or not page.get("next") or page["next"] == after:
            return
        after = page["next"]


def one_event(server, response):
    found = events(server, [response["ResponseMetadata"]["RequestId"]])
    assert len(found) == 1, found
    return found[0]


def test_a_change_is_recorded(server, iam):
    event = one_event(server, iam.create_user(UserName="seen", Path="/p/"))
    assert event["eventSource"] == "iam.amazonaws.com"
    assert event["eventName"] == "CreateUser"
    assert event["userIdentity"]["type"] == "Root"
    assert event["userIdentity"]["accountId"] == server.account
    assert event["userIdentity"]["accessKeyId"] == server.root.access_key
    assert event["sourceIPAddress"] == "127.0.0.1"
    assert event["requestParameters"] == {"userName": "seen", "path": "/p/"}
    assert event["responseElements"]["user"]["userName"] == "seen"
    assert event["recipientAccountId"] == server.account
    assert event["readOnly"] is False
    assert "errorCode" not in event


def test_a_read_is_recorded(server, iam):
    event = one_event(server, iam.list_users())
    assert (event["eventName"], event["readOnly"]) == ("ListUsers", True)


def test_a_refusal_is_recorded(server):
    iam = server.iam(server.user("refused"))
    with pytest.raises(ClientError) as caught:
        iam.create_user(UserName="x")
    event = one_event(server, caught.value.response)
    assert event["errorCode"] == "AccessDenied"
    assert event["errorMessage"] == caught.value.response["Error"]["Message"]
    assert event["userIdentity"]["type"] == "IAMUser"
    assert event["userIdentity"]["userName"] == "refused"
    assert event["userIdentity"]["arn"] == server.arn("user/refused")


def test_an_error_is_recorded(server, iam):
    with pytest.raises(ClientError) as caught:
        iam.delete_user(UserName="nobody")
    event = one_event(server, caught.value.response)
    assert event["errorCode"] in ("NoSuchEntity", "NoSuchEntityException")


def test_an_issued_credential_is_recorded(server):
    key = server.user("issuer")
    role = server.role("Issued", json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": server.arn("user/issuer")}, "Action": "sts:AssumeRole"}],
    }), allow("iam:ListUsers"))
    response = server.sts(key).assume_role(RoleArn=role, RoleSessionName="seen")
    event = one_event(server, response)
    assert (event["eventSource"], event["eventName"]) == ("sts.amazonaws.com", "AssumeRole")
    assert event["responseElements"]["assumedRoleUser"]["arn"] == response["AssumedRoleUser"]["Arn"]

    event = one_event(server, server.iam(Credentials.of(response)).list_users())
    identity = event["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == response["AssumedRoleUser"]["Arn"]
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == role


def test_no_event_holds_a_secret(server, iam):
    """Every secret made here is looked for in every event, as it is and percent-encoded."""
    key = server.user("secretive", allow("*"))
    session = Credentials.of(server.sts(key).get_session_token())
    server.sts(session).get_caller_identity()
    iam.create_access_key(UserName="secretive")
    text = json.dumps(list(all_events(server)))
    assert "CreateAccessKey" in text
    for secret in (key.secret_key, session.secret_key, session.token, server.root.secret_key):
        assert secret not in text
        assert urllib.parse.quote(secret, safe="") not in text


def test_each_call_is_recorded_once(server, iam):
    ids = [iam.get_account_summary()["ResponseMetadata"]["RequestId"] for _ in range(20)]
    found = [event["requestID"] for event in events(server, ids)]
    assert sorted(found) == sorted(ids)


def test_event_ids_are_unique(server):
    ids = [event["eventID"] for event in all_events(server)]
    assert len(ids) == len(set(ids)) > 0
