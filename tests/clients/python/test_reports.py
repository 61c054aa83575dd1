"""Reports: credentials, and when services were last used, through SDK and CLI, and over the end of the process."""

import base64
import csv
import io
import signal
import time

import doorward
import pytest
from doorward import allow, fails, policy
from test_cli import Cli


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    Cli.home = str(tmp_path_factory.mktemp("home"))


def test_the_credential_report(server, iam):
    with fails("ReportNotPresent", 410, "Unknown"):
        iam.get_credential_report()
    iam.create_user(UserName="reported", Path="/team/")
    iam.create_user(UserName="with,comma")
    key = iam.create_access_key(UserName="reported")["AccessKey"]
    server.sts(doorward.Credentials(key["AccessKeyId"], key["SecretAccessKey"])).get_caller_identity()
    iam.create_login_profile(UserName="reported", Password="Passw0rd")
    # As scripts do it.
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.1)
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    text = report["Content"].decode()
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(text))}
    assert next(iter(rows)) == "<root_account>"
    assert {"<root_account>", "reported", "with,comma"} <= set(rows)
    root, user = rows["<root_account>"], rows["reported"]
    assert (root["arn"], root["password_enabled"]) == (server.arn("root"), "not_supported")
    assert (root["access_key_1_active"], root["access_key_1_last_used_service"]) == ("true", "iam")
    assert (user["password_enabled"], user["password_last_used"], user["mfa_active"]) == ("true", "no_information", "false")
    assert (user["access_key_1_active"], user["access_key_1_last_used_service"]) == ("true", "sts")
    assert (user["access_key_2_active"], user["access_key_2_last_rotated"]) == ("false", "N/A")
    assert (user["cert_1_active"], user["cert_1_last_rotated"]) == ("false", "N/A")
    assert rows["with,comma"]["arn"] == server.arn("user/with,comma")
    # A05: nothing in it is secret.
    assert key["SecretAccessKey"] not in text
    assert server.root.secret_key not in text
    # The same through the CLI.
    assert Cli(server, server.root)("iam", "generate-credential-report") == {"State": "COMPLETE"}
    told = Cli(server, server.root)("iam", "get-credential-report")
    assert base64.b64decode(told["Content"]).decode() == text


def services(endpoint, arn, **granularity):
    """The services of a report that was asked for now, by namespace."""
    iam = endpoint.iam()
    job = iam.generate_service_last_accessed_details(Arn=arn, **granularity)["JobId"]
    found, marker = {}, {}
    while True:
        page = iam.get_service_last_accessed_details(JobId=job, **marker)
        assert page["JobStatus"] == "COMPLETED"
        found |= {service["ServiceNamespace"]: service for service in page["ServicesLastAccessed"]}
        if not page["IsTruncated"]:
            return found
        marker = {"Marker": page["Marker"]}


def test_everything_is_every_service(server):
    server.user("everything", allow("*"))
    found = services(server, server.arn("user/everything"))
    assert len(found) > 400
    assert found["s3"]["ServiceName"] == "Amazon S3"
    assert "doorward" not in found
    but = server.iam()
    but.put_user_policy(
        UserName="everything",
        PolicyName="inline",
        PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}}',
    )
    assert set(found) - set(services(server, server.arn("user/everything"))) == {"s3"}


@pytest.mark.parametrize("end", ["killed", "stopped"])
def test_uses_outlive_the_process(tmp_path, end):
    server = doorward.Server(tmp_path)
    try:
        credentials = server.user("ann", allow(["s3:*", "iam:Get*", "sqs:*"]))
        server.iam(credentials).get_user()
        # Denials are on record at once, what was allowed is kept now and then and when the process stops.
        server.decide(credentials, "ec2:RunInstances", "*")
        server.iam().delete_user_policy(UserName="ann", PolicyName="inline")
        server.decide(credentials, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:queue")
        server.iam().put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=policy(allow(["s3:*", "iam:Get*", "sqs:*"])))
        server.decide(credentials, "s3:GetObject", "arn:aws:s3:::bucket/key")
        time.sleep(1)
        before = services(server, server.arn("user/ann"), Granularity="ACTION_LEVEL")
        assert all("LastAuthenticated" in before[name] for name in ("iam", "s3", "sqs"))
        job = server.iam().generate_service_last_accessed_details(Arn=server.arn("user/ann"))["JobId"]
        server.iam().generate_credential_report()
        if end == "killed":
            server.kill()
        else:
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=20) == 0
            server.process.stdout.close()
        server.start()
        after = services(server, server.arn("user/ann"), Granularity="ACTION_LEVEL")
        if end == "killed":
            assert "LastAuthenticated" not in after.pop("s3")
            before.pop("s3")
        assert after == before
        assert server.iam().get_service_last_accessed_details(JobId=job)["JobStatus"] == "COMPLETED"
        assert server.iam().generate_credential_report()["State"] == "COMPLETE"
        last = server.iam().get_access_key_last_used(AccessKeyId=credentials.access_key)["AccessKeyLastUsed"]
        assert last["ServiceName"] == ("sqs" if end == "killed" else "s3")
    finally:
        server.kill()
