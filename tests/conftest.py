import functools
import gc
import logging
import re
import sys
from importlib.metadata import PathDistribution, distributions
from itertools import count
from pathlib import Path

import fake_plugins
import pytest
from _pytest.runner import runtestprotocol
from effort import effort
from hypothesis import HealthCheck, settings

from gatewayd.daemon import garbage
from gatewayd.registry import registry

EVER = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
"""Whatever the effort: a busy machine fails no test, and what failed elsewhere can be repeated here."""

WAITS = ("plugins/simulator/demo/", "e2e/", "state/", "uplink/test_hostile_broker", "test_example_plugins")
WAITING = tuple(f"{Path(__file__).parent}/{each}" for each in WAITS)
"""Tests of these wait for 80 seconds, and take 25 of the processor's time."""

settings.register_profile("gatewayd", max_examples=10, **EVER)
settings.register_profile("campaign", max_examples=effort(1000, 100), **EVER)
settings.load_profile("gatewayd")


def pytest_addoption(parser):
    parser.addoption(
        "--update-scenarios", action="store_true", help="write expected.json of the scenarios anew instead of comparing"
    )


def pytest_sessionstart():
    gc.disable()  # thousands of tests are collected, and all of them stay: looking for garbage in them takes a second


def pytest_collection_modifyitems(items):
    """Those that wait most come first, all in one process: the others have the processor to themselves meanwhile.

    Whatever waits at the end, everybody waits for.
    """
    items.sort(key=lambda item: not str(item.path).startswith(WAITING))


def pytest_collection_finish():
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # to look for garbage as often as usual takes 8 % of the time
    gc.enable()


def pytest_sessionfinish():
    logging.getLogger().addHandler(logging.NullHandler())  # what is freed at the very end has nobody to complain to


def pytest_runtest_protocol(item, nextitem):
    """Tell the process that reports what a test came to, and not that it began, was set up, taken down and has ended.

    Each of these messages costs 0.7 ms, and there are 9,000 tests. What one that passed printed, nobody reads.
    """
    if not hasattr(item.config, "workerinput"):
        return None  # there is no other process
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            if report.passed:
                report.sections, report.keywords = [], {}
            item.ihook.pytest_runtest_logreport(report=report)
    return True


FOLDERS = count(1)


@pytest.fixture
def tmp_path(request, tmp_path_factory):
    """A folder of the test's own. To find a name for it, pytest looks through the folders of all tests before.

    Its path is short enough for sockets below it.
    """
    name = re.sub(r"\W", "_", request.node.name)[:24]
    folder = tmp_path_factory.getbasetemp() / f"{name}-{next(FOLDERS)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def library_log():
    """What libraries and the event loop log meanwhile; pytest's own plugin for it would cost each test 0.5 ms."""
    gc.collect()  # else what earlier tests have left behind would complain when it is freed
    handler, records = logging.Handler(), []
    handler.emit = records.append
    logging.getLogger().addHandler(handler)
    yield records
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="session", autouse=True)
def installed_once():
    """What is installed stays while tests run; to look for plugins in it takes 8 ms, which a thousand configs do.

    To read who brought a plugin takes half a millisecond, three times each time: it is read once.

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
        patch.setattr(PathDistribution, "metadata", property(functools.cache(PathDistribution.metadata.fget)))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_looking_through_all_tests():
    """A gateway looks for garbage before it starts anew, which takes 50 ms; with all tests in its process it takes 300.

    `daemon/test_garbage.py` does it nevertheless, and so do gateways in processes of their own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(garbage, "cleared", lambda: None)
        yield


def points_within(folder, group):
    """The entry points of the distributions that are installed in a folder, by their names."""
    return [(each.name, each.entry_points.select(group=group)) for each in distributions(path=[folder])]


@pytest.fixture
def install(monkeypatch, tmp_path):
    """Install a plugin for this test alone, as `fake_plugins.install` does."""
    return lambda *args, **options: fake_plugins.install(monkeypatch, tmp_path, *args, **options)
