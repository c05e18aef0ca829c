import functools
import gc
import sys
from importlib.metadata import entry_points

import pytest
from _pytest.runner import runtestprotocol
from effort import effort
from hypothesis import HealthCheck, settings

from gatewayd import registry

EVER = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
"""Whatever the effort: a busy machine fails no test, and what failed elsewhere can be repeated here."""

settings.register_profile("gatewayd", max_examples=20, **EVER)
settings.register_profile("campaign", max_examples=effort(1000, 100), **EVER)
settings.load_profile("gatewayd")


def pytest_addoption(parser):
    parser.addoption(
        "--update-scenarios", action="store_true", help="write expected.json of the scenarios anew instead of comparing"
    )


def pytest_sessionstart():
    gc.disable()  # thousands of tests are collected, and all of them stay: looking for garbage in them takes a second


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def pytest_runtest_protocol(item, nextitem):
    """Tell the process that reports what a test came to, and not that it began, was set up and taken down besides.

    Each of these messages costs 0.7 ms, and there are 7,000 tests.
    """
    if not hasattr(item.config, "workerinput"):
        return None  # there is no other process
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session", autouse=True)
def installed_once():
    """What is installed stays while tests run; to look for plugins in it takes 8 ms, which a thousand configs do.

    A test that installs a plugin for itself has another path, and looks anew.
    """
    found = functools.cache(lambda path, group: entry_points(group=group))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "entry_points", lambda group: found(tuple(sys.path), group))
        yield
