"""Role templates through the stock clients: the operator registers one, and accounts make roles from it."""

import json
import os
import subprocess

import pytest
from doorward import allow, fails, policy, trust
from test_cli import Cli

ARN = "arn:aws:iam::aws:role-template/example.com/Reader:1"
FROM_IT = {"ArnEquals": {"iam:RoleTemplateARN": ARN}}


def version(name="Reader", **more):
    return {
        "serviceName": "example.com",
        "templateName": name,
        "majorVersion": 1,
        "roleNamePattern": "reader-@{team}",
        "assumeRolePolicyDocumentTemplate": json.loads(trust({"Service": "ec2.amazonaws.com"})),
        "inlinePolicyTemplates": [
            {
                "policyName": "read",
                "policyDocument": json.loads(policy(allow("s3:GetObject", "arn:aws:s3:::data-@{team}/*"))),
            }
        ],
        "parametersDefinition": [{"name": "team", "type": "String", "isRequired": True}],
        **more,
    }


def acquire(iam, team, arn=ARN, **more):
    return iam.acquire_role(TemplateArn=arn, ReplacementValues={"team": {"Values": [team]}}, **more)["Role"]


def test_a_role_from_a_template(server, iam, other):
    status, answer = server.own("POST", "/v1/role-templates", version())
    assert (status, answer) == (201, {"templateArn": ARN, "minorVersion": 0})
    got = iam.get_role_template_version(TemplateArn=ARN)["RoleTemplateVersion"]
    assert (got["TemplateName"], got["MajorVersion"], got["MinorVersion"]) == ("Reader", 1, 0)
    assert got["ParametersDefinition"] == [{"Name": "team", "Type": "String", "IsRequired": True}]
    assert got["InlinePolicyTemplates"][0]["PolicyDocument"]["Statement"][0]["Resource"] == "arn:aws:s3:::data-@{team}/*"

    role = acquire(iam, "red")
    assert (role["RoleName"], role["Arn"]) == ("reader-red", server.arn("role/reader-red"))
    assert role["SourceRoleTemplate"] == {"TemplateArn": ARN, "TemplateMinorVersion": 0}
    assert iam.get_role(RoleName="reader-red")["Role"]["SourceRoleTemplate"]["TemplateArn"] == ARN
    inline = iam.get_role_policy(RoleName="reader-red", PolicyName="read")["PolicyDocument"]
    assert inline["Statement"][0]["Resource"] == "arn:aws:s3:::data-red/*"
    assert acquire(iam, "red", TemplateMinorVersion=0)["RoleId"] == role["RoleId"]
    iam.update_role(RoleName="reader-red", MaxSessionDuration=7200)
    with fails("RoleModified", 409, "Role with name reader-red is no longer what the role template makes."):
        acquire(iam, "red")
    assert acquire(other.iam(), "red")["Arn"] == f"arn:aws:iam::{other.account}:role/reader-red"
    message = "A value of the parameter team is not of type String, or has one of * ? $ { } in it."
    with fails("InvalidInput", 400, message):
        acquire(iam, "*")


def test_policies_grant_a_template_and_nothing_by_hand(server):
    actions = ["iam:GetRoleTemplateVersion", "iam:CreateRole", "iam:PutRolePolicy"]
    grant = {"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": FROM_IT}
    key = server.user("maker", grant)
    here = server.iam(key)
    assert acquire(here, "green")["RoleName"] == "reader-green"
    document = trust({"Service": "ec2.amazonaws.com"})
    why = "is not authorized to perform: iam:CreateRole on resource: {} because no identity-based policy allows the iam:CreateRole action"
    caller = f"User: {server.arn('user/maker')} "
    with fails("AccessDenied", 403, caller + why.format(server.arn("role/by-hand"))):
        here.create_role(RoleName="by-hand", AssumeRolePolicyDocument=document)


def test_account_properties(iam):
    assert iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": "true"}
    iam.put_account_properties(Properties={"RoleManager/Enabled": "false"})
    message = "Role manager is disabled for the account: its property RoleManager/Enabled is false."
    with fails("RoleTemplateDisabled", 400, message):
        acquire(iam, "blue")
    iam.put_account_properties(Properties={"RoleManager/Enabled": "true"})
    assert acquire(iam, "blue")["RoleName"] == "reader-blue"
    with fails("InvalidInput", 400, "Unsupported namespace: Other"):
        iam.put_account_properties(Properties={"Other/Enabled": "true"})


@pytest.mark.skipif("DOORWARD_BINARY" not in os.environ, reason="it runs the binary")
def test_the_verb(server, monkeypatch, tmp_path):
    file = tmp_path / "version.json"
    file.write_text(json.dumps(version("Verb")))
    arn = "arn:aws:iam::aws:role-template/example.com/Verb:1"
    monkeypatch.setattr(Cli, "home", str(tmp_path))
    environment = Cli(server, server.root).environment

    def verb(*arguments):
        command = [os.environ["DOORWARD_BINARY"], "role-template", *arguments]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert verb("put", str(file)) == f"{arn}  minor version 0\n"
    assert verb("put", str(file)) == f"{arn}  minor version 1\n"
    assert verb("set-default", arn, "1") == f"{arn}  minor versions 0, 1 (default)\n"
    assert verb("disable", arn, "--minor-version", "0") == f"{arn}  minor versions 0 (disabled), 1 (default)\n"
    assert verb("disable", arn) == f"{arn} (disabled)  minor versions 0 (disabled), 1 (default)\n"
    with fails("RoleTemplateDisabled", 400, f"The role template {arn} is disabled."):
        acquire(server.iam(), "red", arn)
    verb("enable", arn)
    assert f"{arn}  minor versions 0 (disabled), 1 (default)\n" in verb("list")
    assert verb("delete", arn) == f"{arn} is deleted\n"
    assert arn not in verb("list")
