"""The policy simulator, through boto3 and its paginators."""

import json
import os
import re
import subprocess

import pytest
from doorward import allow, deny, fails, policy

BUCKET = "arn:aws:s3:::reports"


def simulate(iam, user, *actions, **request):
    return iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=list(actions), **request)["EvaluationResults"]


def test_what_a_user_may(server, iam):
    server.user("reader", allow("s3:Get*", f"{BUCKET}/*"), deny("s3:*", f"{BUCKET}/secret/*"))
    user = server.arn("user/reader")
    got = simulate(iam, user, "s3:GetObject", "s3:PutObject", ResourceArns=[f"{BUCKET}/a", f"{BUCKET}/secret/b"])
    assert [result["EvalDecision"] for result in got] == ["explicitDeny", "explicitDeny"]
    each = {r["EvalResourceName"]: r["EvalResourceDecision"] for r in got[0]["ResourceSpecificResults"]}
    assert each == {f"{BUCKET}/a": "allowed", f"{BUCKET}/secret/b": "explicitDeny"}
    [one] = simulate(iam, user, "s3:GetObject", ResourceArns=[f"{BUCKET}/a"])
    [statement] = one["MatchedStatements"]
    assert statement["SourcePolicyType"] == "user"
    assert statement["StartPosition"]["Line"] == 1 < statement["EndPosition"]["Column"]
    assert one["EvalDecisionDetails"] == {}


def test_the_simulator_answers_as_the_server_does(server, iam):
    key = server.user("mixed", allow("iam:GetUser", server.arn("user/mixed")), allow("iam:ListUsers"))
    client = server.iam(key)
    own, other = server.arn("user/mixed"), server.arn("user/other")
    iam.create_user(UserName="other")
    client.get_user(UserName="mixed")
    client.list_users()
    assert simulate(iam, own, "iam:GetUser", ResourceArns=[own])[0]["EvalDecision"] == "allowed"
    assert simulate(iam, own, "iam:ListUsers")[0]["EvalDecision"] == "allowed"
    assert simulate(iam, own, "iam:GetUser", ResourceArns=[other])[0]["EvalDecision"] == "implicitDeny"
    with fails("AccessDenied", 403, re.compile(".*no identity-based policy allows the iam:GetUser action")):
        client.get_user(UserName="other")


def test_pages_are_those_of_the_paginator(iam):
    actions = [f"s3:Action{number}" for number in range(25)]
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(allow("s3:Action1*"))], ActionNames=actions, PaginationConfig={"PageSize": 10}
    )
    results = [page["EvaluationResults"] for page in pages]
    assert [len(page) for page in results] == [10, 10, 5]
    allowed = {r["EvalActionName"] for page in results for r in page if r["EvalDecision"] == "allowed"}
    assert allowed == {name for name in actions if name.startswith("s3:Action1")}


def test_keys_that_policies_need(server, iam):
    document = policy(allow("s3:*", "arn:aws:s3:::${aws:username}", IpAddress={"aws:SourceIp": "192.0.2.0/24"}))
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[document])["ContextKeyNames"]
    assert keys == ["aws:SourceIp", "aws:username"]
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.7"], "ContextKeyType": "ip"}
    request = {"PolicyInputList": [document], "ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::x"]}
    [result] = iam.simulate_custom_policy(**request, CallerArn=server.arn("user/x"))["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:SourceIp"])
    given = request | {"ContextEntries": [entry], "CallerArn": server.arn("user/x")}
    [result] = iam.simulate_custom_policy(**given)["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])


def test_the_verb_tells_what_would_be_allowed(server, tmp_path):
    if "DOORWARD_BINARY" not in os.environ:
        pytest.skip("needs the binary")
    server.user("asked", allow("s3:GetObject", f"{BUCKET}/a&b"))
    (tmp_path / "more.json").write_text(policy(allow("s3:Put*", IpAddress={"aws:SourceIp": "192.0.2.0/24"})))

    def simulate(*arguments):
        environment = os.environ | server.root.environment() | {"AWS_ENDPOINT_URL": server.url}
        command = [server.binary, "simulate", "--resource", f"{BUCKET}/a&b", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    who = ["--as", server.arn("user/asked")]
    got = simulate(*who, "s3:GetObject")
    assert (got.returncode, got.stderr) == (0, "")
    assert got.stdout.startswith(f"✓ allowed  s3:GetObject  {BUCKET}/a&b\n  allowed by ")
    got = simulate(*who, "--policy", tmp_path / "more.json", "s3:GetObject", "s3:PutObject", "--json")
    results = json.loads(got.stdout)["results"]
    assert (got.returncode, [result["EvalDecision"] for result in results]) == (1, ["allowed", "implicitDeny"])
    given = ["--context", "aws:SourceIp=192.0.2.7"]
    assert simulate("--policy", tmp_path / "more.json", *given, "s3:PutObject").returncode == 0
    got = simulate("--as", server.arn("user/nobody"), "s3:GetObject")
    assert (got.returncode, "The user with name nobody cannot be found." in got.stderr) == (1, True)
