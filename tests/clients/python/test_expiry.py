"""Sessions end: the server goes on sixteen minutes later, by a clock that is moved, and so do its clients."""

import subprocess

import botocore.auth
import pytest
from doorward import EXPIRED_TOKEN, Credentials, Server, allow, fails, trust, utc


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.kill()


def later(server, monkeypatch, minutes):
    server.kill()
    # The command `faketime` would stand between, and be killed in the server's place; its library is enough.
    moved = ["faketime", "-f", f"+{minutes}m", "printenv", "LD_PRELOAD"]
    library = subprocess.run(moved, check=True, capture_output=True, text=True).stdout.strip()
    server.environment = {"LD_PRELOAD": library, "FAKETIME": f"+{minutes}m"}
    server.start()
    signing_time = lambda *_, **__: utc(minutes=minutes).replace(tzinfo=None)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", signing_time)


def test_a_session_that_is_over(server, monkeypatch):
    alice = server.user("alice", allow("iam:ListUsers"))
    reader = server.role("Reader", trust(server.arn("user/alice"), "sts:AssumeRole"), allow("iam:ListUsers"))
    of_role = server.assume(alice, reader, DurationSeconds=900)
    hour = server.assume(alice, reader, "hour", DurationSeconds=3600)
    of_user = Credentials.of(server.sts(alice).get_session_token(DurationSeconds=900))
    for credentials in (of_role, of_user):
        server.sts(credentials).get_caller_identity()

    later(server, monkeypatch, 16)
    for credentials in (of_role, of_user):
        with fails("ExpiredToken", 403, EXPIRED_TOKEN):
            server.sts(credentials).get_caller_identity()
        with fails("ExpiredToken", 403, EXPIRED_TOKEN):
            server.iam(credentials).list_users()
    # What is not over goes on.
    assert server.iam(hour).list_users()["Users"]
    assert server.iam(alice).list_users()["Users"]
