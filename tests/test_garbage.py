import gc

import pytest

from gatewayd import garbage


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    gc.unfreeze()


async def test_what_stays_is_not_looked_through_again(monkeypatch):
    monkeypatch.setattr(garbage, "SETTLED", 0.0)
    garbage.cleared()
    assert gc.get_freeze_count() == 0
    await garbage.settled()
    assert gc.get_freeze_count() > 1000


async def test_what_is_left_of_the_config_before_is_freed(monkeypatch):
    class Old:
        pass

    monkeypatch.setattr(garbage, "SETTLED", 0.0)
    old = Old()
    old.itself = old
    await garbage.settled()
    freed = []
    monkeypatch.setattr(Old, "__del__", lambda _self: freed.append(True), raising=False)
    del old
    gc.collect()
    assert not freed
    garbage.cleared()
    assert freed
