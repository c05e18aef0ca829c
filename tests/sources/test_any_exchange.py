"""Whatever is exchanged, whenever: what is in the config is polled, what is not is closed, no port is open twice."""

import asyncio

from fake_field import FakeField, FakeLine, FakeSource
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.testing import simulate

NAMES = "abcde"
CONFIGS = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.sampled_from(["bus", "port", None]), st.integers(0, 1)), max_size=len(NAMES)
)
"""Of each source: its line, and a number that is changed when its table is."""
STEPS = st.lists(st.tuples(CONFIGS, st.sampled_from([0.0, 0.05, 1.3, 3.7])), min_size=1, max_size=6)


class Port(FakeLine):
    """Notes when it is opened while another object has the same port open."""

    def __init__(self, key, is_open, clashes):
        super().__init__(key)
        self._is_open, self._clashes = is_open, clashes

    async def open(self):
        if self.key in self._is_open:
            self._clashes.append(self.key)
        self._is_open.add(self.key)
        await super().open()

    async def close(self):
        await asyncio.sleep(0.2)
        self._is_open.discard(self.key)
        await super().close()


class Site:
    """Sources of configs, as a reload makes new objects of all of them each time."""

    def __init__(self):
        self.made, self.is_open, self.clashes = [], set(), []

    def sources(self, config):
        made = {
            name: FakeSource(takes=0.1, shares=key and Port(key, self.is_open, self.clashes))
            for name, (key, _) in config.items()
        }
        self.made.append(made)
        return made


@given(CONFIGS, STEPS)
def test_what_is_in_the_config_is_polled_and_what_is_not_is_closed(first, steps):
    site = Site()

    async def story():
        field, before = FakeField(site.sources(first)), first
        async with field.running():
            for config, pause in steps:
                await asyncio.sleep(pause)
                kept = {name for name, table in config.items() if before.get(name) == table}
                field.exchange(site.sources(config), kept)
                before = config
            await asyncio.sleep(8)
            field.fed.clear()
            await asyncio.sleep(5)
            polled = {name: len(field.answered(name)) for name in before}
            assert {each.name for each in field.field.status()} == set(before)
        return polled

    polled = simulate(story())
    assert all(4 <= count <= 6 for count in polled.values()), polled
    assert not site.clashes
    assert not site.is_open
    for source in (source for made in site.made for source in made.values()):
        assert not source.calls() or source.calls()[-1] == "close"
