"""The same through the stock AWS CLI."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from doorward import REGION, Credentials, allow, policy, trust

AWS = str(Path(sys.executable).parent / "aws")


class Cli:
    home = None

    def __init__(self, server, credentials):
        # Nothing of the person's own configuration, which could name other endpoints or profiles, nor of the sessions
        # that the CLI keeps in its cache.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment = inherited | credentials.environment() | {
            "HOME": self.home,
            "AWS_ENDPOINT_URL": server.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def run(self, *arguments):
        command = [AWS, *arguments, "--output", "json"]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def __call__(self, *arguments):
        """Runs a command that succeeds and gives its JSON, or nothing if it prints nothing."""
        ran = self.run(*arguments)
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
        return json.loads(ran.stdout) if ran.stdout else None

    def fails(self, text, *arguments):
        """Runs a command that fails with this text; the exit code of a service's error is 254, and 255 in version 1."""
        ran = self.run(*arguments)
        assert ran.returncode in (254, 255), ran
        lines = [line for line in ran.stderr.splitlines() if line.startswith("An error occurred")]
        assert len(lines) == 1, ran.stderr
        matches = text.fullmatch(lines[0]) if isinstance(text, re.Pattern) else text == lines[0]
        assert matches, lines[0]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    Cli.home = str(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def aws(server):
    return Cli(server, server.root)


def test_a_user_a_group_and_a_policy(server, aws):
    user = aws("iam", "create-user", "--user-name", "cli", "--path", "/x/", "--tags", "Key=a,Value=b")["User"]
    assert user["Arn"] == server.arn("user/x/cli")
    aws("iam", "create-group", "--group-name", "clis")
    assert aws("iam", "add-user-to-group", "--group-name", "clis", "--user-name", "cli") is None
    assert [found["UserName"] for found in aws("iam", "get-group", "--group-name", "clis")["Users"]] == ["cli"]
    document = policy(allow("iam:ListUsers"))
    made = aws("iam", "create-policy", "--policy-name", "CliList", "--policy-document", document)["Policy"]
    aws("iam", "attach-group-policy", "--group-name", "clis", "--policy-arn", made["Arn"])
    assert aws("iam", "list-policies", "--scope", "AWS", "--query", "length(Policies)") > 1_500
    key = Credentials.of(aws("iam", "create-access-key", "--user-name", "cli"))
    own = Cli(server, key)
    assert [found["UserName"] for found in own("iam", "list-users")["Users"]] == ["cli"]
    assert own("sts", "get-caller-identity")["Arn"] == user["Arn"]
    text = (
        "An error occurred (AccessDenied) when calling the CreateUser operation: "
        f"User: {user['Arn']} is not authorized to perform: iam:CreateUser on resource: {server.arn('user/other')} "
        "because no identity-based policy allows the iam:CreateUser action"
    )
    own.fails(text, "iam", "create-user", "--user-name", "other")


def test_what_is_not_there(aws):
    text = (
        "An error occurred (NoSuchEntity) when calling the GetUser operation: "
        "The user with name nobody cannot be found."
    )
    aws.fails(text, "iam", "get-user", "--user-name", "nobody")


def test_what_is_there_already(aws):
    aws("iam", "create-user", "--user-name", "twice")
    text = (
        "An error occurred (EntityAlreadyExists) when calling the CreateUser operation: "
        "User with name twice already exists."
    )
    aws.fails(text, "iam", "create-user", "--user-name", "twice")


def test_deleting_in_the_wrong_order(aws):
    aws("iam", "create-user", "--user-name", "kept")
    aws("iam", "create-access-key", "--user-name", "kept")
    text = (
        "An error occurred (DeleteConflict) when calling the DeleteUser operation: "
        "Cannot delete entity, must delete access keys first."
    )
    aws.fails(text, "iam", "delete-user", "--user-name", "kept")


def test_policy_versions(aws):
    document = policy(allow("s3:Get*"))
    arn = aws("iam", "create-policy", "--policy-name", "CliVersions", "--policy-document", document)["Policy"]["Arn"]
    made = aws("iam", "create-policy-version", "--policy-arn", arn, "--policy-document", policy(allow("s3:*")), "--set-as-default")
    assert made["PolicyVersion"]["VersionId"] == "v2"
    got = aws("iam", "get-policy-version", "--policy-arn", arn, "--version-id", "v1")["PolicyVersion"]
    assert got["Document"] == json.loads(document)
    aws("iam", "delete-policy-version", "--policy-arn", arn, "--version-id", "v1")


def test_a_role_is_assumed(server, aws):
    key = server.user("walker")
    document = trust(server.arn("user/walker"))
    role = aws("iam", "create-role", "--role-name", "Walk", "--assume-role-policy-document", document)["Role"]
    aws("iam", "put-role-policy", "--role-name", "Walk", "--policy-name", "p", "--policy-document", policy(allow("iam:ListRoles")))
    made = Cli(server, key)("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "cli")
    session = Cli(server, Credentials.of(made))
    assert session("sts", "get-caller-identity")["Arn"] == server.arn("assumed-role/Walk/cli", "sts")
    assert "Walk" in [found["RoleName"] for found in session("iam", "list-roles")["Roles"]]


def test_pages(server, iam, aws):
    names = [f"paged{number:02}" for number in range(12)]
    for name in names:
        iam.create_user(UserName=name, Path="/paged/")
    path = ("iam", "list-users", "--path-prefix", "/paged/")
    assert [user["UserName"] for user in aws(*path, "--page-size", "5")["Users"]] == names
    first = aws(*path, "--max-items", "7", "--page-size", "3")
    assert [user["UserName"] for user in first["Users"]] == names[:7]
    rest = aws(*path, "--starting-token", first["NextToken"])
    assert [user["UserName"] for user in rest["Users"]] == names[7:]


def test_bad_credentials(server):
    mismatch = re.compile(r"An error occurred \(SignatureDoesNotMatch\) when calling the ListUsers operation: The request signature we calculated .+")
    Cli(server, Credentials(server.root.access_key, "x" * 40)).fails(mismatch, "iam", "list-users")
    unknown = re.compile(r"An error occurred \(InvalidClientTokenId\) when calling the ListUsers operation: The security token included in the request is invalid")
    Cli(server, Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)).fails(unknown, "iam", "list-users")


def test_a_profile_assumes_its_role(server, tmp_path):
    """The CLI takes the session itself, as people configure it."""
    key = server.user("profiled")
    role = server.role("Profile", trust(server.arn("user/profiled")))
    (tmp_path / "config").write_text(
        f"[profile base]\naws_access_key_id = {key.access_key}\naws_secret_access_key = {key.secret_key}\n"
        f"[profile work]\nrole_arn = {role}\nsource_profile = base\nrole_session_name = shift\n"
    )
    cli = Cli(server, key)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del cli.environment[name]
    cli.environment |= {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_PROFILE": "work"}
    assert cli("sts", "get-caller-identity")["Arn"] == server.arn("assumed-role/Profile/shift", "sts")
