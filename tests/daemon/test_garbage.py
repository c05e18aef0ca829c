import gc
from itertools import count

import pytest

from gatewayd.daemon import garbage


@pytest.fixture(autouse=True)
def as_it_was():
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
