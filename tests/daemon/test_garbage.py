import gc
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from gatewayd.daemon import daemon, garbage

CLEARED = garbage.cleared


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch):
    """Not as it is for other tests."""
    monkeypatch.setattr(garbage, "cleared", CLEARED)
    yield
    gc.freeze()


async def test_what_stays_is_not_looked_through_again(monkeypatch):
    monkeypatch.setattr(garbage, "SETTLED", 0.0)
    garbage.cleared()
    assert gc.get_freeze_count() == 0
    await garbage.Settling().run()
    assert gc.get_freeze_count() > 1000


class Old:
    """Something that is in a circle."""

    def __init__(self, freed):
        self.itself = self
        self.freed = freed

    def __del__(self):
        self.freed.append(True)


async def test_what_is_left_of_the_config_before_is_freed(monkeypatch):
    monkeypatch.setattr(garbage, "SETTLED", 0.0)
    freed = []
    old = Old(freed)
    await garbage.Settling().run()
    del old
    gc.collect()
    assert not freed
    garbage.cleared()
    assert freed


async def test_a_start_looks_through_nothing_and_each_run_after_the_first_through_all(monkeypatch):
    done = []

    class Run:
        started = True

        def __init__(self, config, orders, _):
            self.config, self._orders = config, orders

        async def until_ending(self):
            done.append("run")
            if done.count("run") == 3:
                self._orders.order_stop()
            return self.config

    monkeypatch.setattr(daemon, "Run", Run)
    monkeypatch.setattr(garbage, "cleared", lambda: done.append("cleared"))
    await daemon.run(SimpleNamespace(path=Path("gatewayd.toml")))
    assert done == ["run", "cleared", "run", "cleared", "run"]


@pytest.mark.campaign
def test_a_reload_looks_through_nothing_but_once_in_many_times(monkeypatch):
    monkeypatch.setattr(garbage, "MANY", 3)
    monkeypatch.setattr(garbage, "_reloads", count(1))
    freed = []
    Old(freed)
    garbage.reloaded()
    gc.collect()
    garbage.reloaded()
    assert not freed
    garbage.reloaded()
    assert freed


def test_nothing_is_looked_for_while_it_is_undisturbed():
    with garbage.undisturbed():
        assert not gc.isenabled()
        with garbage.undisturbed():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
