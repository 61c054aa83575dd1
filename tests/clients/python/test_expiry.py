"""Sessions end: the server goes on sixteen minutes later, by a clock that is moved, and so do its clients."""

import botocore.auth
import pytest
from doorward import Credentials, Server, allow, fails, trust, utc

EXPIRED = "The security token included in the request is expired"


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.kill()


def later(server, monkeypatch, minutes):
    server.kill()
    server.command = ["faketime", "-f", f"+{minutes}m", *server.command]
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
        with fails("ExpiredToken", 403, EXPIRED):
            server.sts(credentials).get_caller_identity()
        with fails("ExpiredToken", 403, EXPIRED):
            server.iam(credentials).list_users()
    # What is not over goes on.
    assert server.iam(hour).list_users()["Users"]
    assert server.iam(alice).list_users()["Users"]
