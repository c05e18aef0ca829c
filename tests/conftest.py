import functools
import gc
import logging
import sys
from importlib.metadata import distributions

import fake_plugins
import pytest
from _pytest.runner import runtestprotocol
from effort import effort
from hypothesis import HealthCheck, settings

from gatewayd.registry import registry

EVER = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
"""Whatever the effort: a busy machine fails no test, and what failed elsewhere can be repeated here."""

settings.register_profile("gatewayd", max_examples=10, **EVER)
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
    gc.set_threshold(50_000, 20, 50)  # to look for garbage as often as usual takes 8 % of the time
    gc.enable()


def pytest_sessionfinish():
    logging.getLogger().addHandler(logging.NullHandler())  # what is freed at the very end has nobody to complain to


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


@pytest.fixture
def library_log():
    """What libraries and the event loop log meanwhile; pytest's own plugin for it would cost each test 0.5 ms."""
    handler, records = logging.Handler(), []
    handler.emit = records.append
    logging.getLogger().addHandler(handler)
    yield records
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="session", autouse=True)
def installed_once():
    """What is installed stays while tests run; to look for plugins in it takes 8 ms, which a thousand configs do.

    What a test installs for itself is in a folder of its own, and is looked for anew.
    """
    stays = frozenset(sys.path)
    kept = functools.cache(points_within)

    def found(group):
        first = {}
        for folder in sys.path:
            for name, points in (kept if folder in stays else points_within)(folder, group):
                first.setdefault(name, points)
        return [point for points in first.values() for point in points]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "entry_points", found)
        yield


def points_within(folder, group):
    """The entry points of the distributions that are installed in a folder, by their names."""
    return [(each.name, each.entry_points.select(group=group)) for each in distributions(path=[folder])]


@pytest.fixture
def install(monkeypatch, tmp_path):
    """Install a plugin for this test alone, as `fake_plugins.install` does."""
    return lambda *args, **options: fake_plugins.install(monkeypatch, tmp_path, *args, **options)
