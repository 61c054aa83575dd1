"""`serve --dev` and the verbs around it, as a person meets them in the first minute."""

import json
import os
import re
import signal
import subprocess

import pytest
from doorward import REGION, Credentials, Endpoint, fails

pytestmark = pytest.mark.skipif("DOORWARD_BINARY" not in os.environ, reason="it starts the server with --dev")

OBJECT = "arn:aws:s3:::demo/report.txt"


class Dev:
    """A server in development mode, and the command line of the person who started it."""

    def __init__(self, runtime):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment = kept | {"XDG_RUNTIME_DIR": str(runtime)}
        command = [os.environ["DOORWARD_BINARY"], "serve", "--dev", "--listen", "127.0.0.1:0", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=self.environment)
        line = self.process.stdout.readline()
        assert line, "the server did not start"
        self.ready = json.loads(line)
        self.endpoint = Endpoint(self.ready["endpoint"], self.credentials("root"), self.ready["accountId"])

    def credentials(self, name):
        found = self.ready["credentials"][name]
        return Credentials(found["accessKeyId"], found["secretAccessKey"])

    def run(self, *arguments):
        command = [os.environ["DOORWARD_BINARY"], *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    dev = Dev(tmp_path_factory.mktemp("runtime"))
    yield dev
    assert dev.stop() == 0


def test_env_points_a_client_at_the_server(dev):
    variables = json.loads(dev.run("env", "--json").stdout)
    assert variables["AWS_ENDPOINT_URL"] == dev.endpoint.url
    assert variables["AWS_REGION"] == REGION
    admin = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    assert dev.endpoint.sts(admin).get_caller_identity()["Arn"] == dev.endpoint.arn("user/admin")
    dev.endpoint.iam(admin).create_user(UserName="bob")


def test_env_is_read_by_a_shell(dev):
    script = f'eval "$({os.environ["DOORWARD_BINARY"]} env --as alice)" && echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID"'
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env=dev.environment)
    assert ran.stdout.split() == [dev.endpoint.url, dev.credentials("alice").access_key]
    ran = dev.run("env", "--as", "nobody")
    assert ran.returncode != 0
    assert "alice" in ran.stderr  # It says whom there is.


def test_a_role_by_name_gives_a_session(dev):
    variables = json.loads(dev.run("env", "--as", "role/instance-app", "--json").stdout)
    session = Credentials(
        variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], variables["AWS_SESSION_TOKEN"]
    )
    arn = dev.endpoint.sts(session).get_caller_identity()["Arn"]
    assert re.fullmatch(re.escape(dev.endpoint.arn("assumed-role/instance-app/", "sts")) + ".+", arn)


def test_a_denial_names_the_command_that_explains_it(dev):
    caller = dev.endpoint.arn("user/alice")
    with pytest.raises(Exception) as caught:
        dev.endpoint.iam(dev.credentials("alice")).list_users()
    message = caught.value.response["Error"]["Message"]
    expected = (
        f"User: {caller} is not authorized to perform: iam:ListUsers on resource: {dev.endpoint.arn('user/')} "
        "because no identity-based policy allows the iam:ListUsers action"
    )
    assert message.startswith(expected)
    decision = re.fullmatch(r" *\[doorward why (d-[0-9a-f]+)\]", message.removeprefix(expected))[1]

    ran = dev.run("why", decision)
    assert ran.returncode == 0, ran.stderr
    for part in ("iam:ListUsers", "alice"):
        assert part in ran.stdout
    explained = json.loads(dev.run("why", decision, "--json").stdout)
    assert explained["id"] == decision


@pytest.mark.parametrize(
    ("who", "action", "code"),
    [
        ("alice", "s3:GetObject", 0),
        ("alice", "s3:DeleteObject", 1),
        ("dev", "s3:GetObject", 0),
        ("dev", "s3:DeleteObject", 1),
        ("dev", "ec2:RunInstances", 0),
        ("bounded-admin", "s3:DeleteObject", 0),
        ("bounded-admin", "ec2:RunInstances", 1),
        ("role/instance-app", "s3:GetObject", 0),
        ("role/instance-app", "s3:DeleteObject", 1),
    ],
)
def test_can_answers_by_its_exit_code(dev, who, action, code):
    ran = dev.run("can", "--as", who, action, OBJECT)
    assert ran.returncode == code, (ran.stdout, ran.stderr)


def test_can_says_when_it_depends(dev):
    ran = dev.run("can", "--as", "no-mfa", "s3:GetObject", OBJECT)
    assert ran.returncode in (1, 2), (ran.stdout, ran.stderr)
    ran = dev.run("can", "--as", "no-mfa", "s3:GetObject", OBJECT, "--context", "aws:MultiFactorAuthPresent=true")
    assert ran.returncode == 0, (ran.stdout, ran.stderr)


def test_enforcement_is_on(dev):
    text = re.escape(
        f"User: {dev.endpoint.arn('user/alice')} is not authorized to perform: iam:CreateUser on resource: "
        f"{dev.endpoint.arn('user/x')} because no identity-based policy allows the iam:CreateUser action"
    )
    with fails("AccessDenied", 403, re.compile(text + r" *\[doorward why d-[0-9a-f]+\]")):
        dev.endpoint.iam(dev.credentials("alice")).create_user(UserName="x")


# The own API is open to this machine's user without a signature, and to nobody else.

QUESTION = json.dumps({"principal": "arn:aws:iam::111122223333:root", "action": "s3:GetObject", "resource": OBJECT})


def test_the_own_api_answers_without_a_signature(dev):
    answer = dev.endpoint.send("POST", "/v1/authorize", QUESTION)
    assert answer.status == 200, answer.text
    assert json.loads(answer.body)["decision"] == "Allow"


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", "https://evil.example")],
        [("Origin", "null")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("X-Forwarded-For", "203.0.113.7")],
    ],
)
def test_a_web_page_is_not_the_operator(dev, headers):
    """A page in the browser of the person who runs the server can send requests to it; they are not the person's."""
    body = json.dumps({"accountName": "forged"})
    answer = dev.endpoint.send("POST", "/v1/accounts", body, [("Content-Type", "text/plain"), *headers])
    assert answer.status in (400, 403), answer.text


def test_a_name_that_points_here_is_not_this_machine(dev):
    """DNS rebinding: the page's own name resolves to 127.0.0.1, so the browser takes the answers for the page's."""
    answer = dev.endpoint.send("GET", "/v1/accounts", host="evil.example:4460")
    assert answer.status in (400, 403), answer.text


def test_aws_operations_need_a_signature_all_the_same(dev):
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    answer = dev.endpoint.send(body="Action=ListUsers&Version=2010-05-08", headers=form)
    assert (answer.code(), answer.status) == ("MissingAuthenticationToken", 403)


def test_dev_mode_is_for_this_machine_alone(dev):
    ran = dev.run("serve", "--dev", "--listen", "0.0.0.0:0")
    assert ran.returncode != 0
    assert "loopback" in ran.stderr


def test_a10_two_starts_share_no_secret(dev, tmp_path):
    other = Dev(tmp_path)
    try:
        for name in dev.ready["credentials"]:
            one, two = dev.credentials(name), other.credentials(name)
            assert one.access_key != two.access_key
            assert one.secret_key != two.secret_key
    finally:
        assert other.stop() == 0


def test_an_interrupt_ends_it_and_leaves_nothing(tmp_path):
    other = Dev(tmp_path)
    data = json.loads(next((tmp_path / "doorward").glob("dev-*.json")).read_text())["data"]
    assert os.path.isdir(data)
    assert other.stop(signal.SIGINT) == 0
    assert not os.path.exists(data)
    ran = other.run("env")
    assert (ran.returncode != 0, "serve --dev" in ran.stderr) == (True, True), ran
