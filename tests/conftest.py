"""What holds for every folder of Python tests."""

import pytest


def pytest_sessionfinish(session, exitstatus):
    """A filter that fits no test of this folder is no failure of it."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.option.keyword:
        session.exitstatus = pytest.ExitCode.OK
