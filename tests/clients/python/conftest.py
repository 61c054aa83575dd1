"""Fixtures: a server for each module of tests, and clients of its root identity."""

import os

import doorward
import pytest


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if "DOORWARD_BINARY" not in os.environ:
        yield doorward.running_endpoint()
        return
    server = doorward.Server(tmp_path_factory.mktemp("server"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def iam(server):
    return server.iam()


@pytest.fixture(scope="module")
def sts(server):
    return server.sts()


@pytest.fixture(scope="module")
def other(server):
    """A second account on the same server."""
    return server.create_account()
