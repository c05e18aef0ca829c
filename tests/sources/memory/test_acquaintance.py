"""What a source learns of its device, and what the device says of itself."""

from types import MappingProxyType

import pytest
from fake_field import FakeField, FakeSource
from structlog.testing import capture_logs

from gatewayd.configured import ConfiguredSource
from gatewayd.records import Saved
from gatewayd.sources import Memories
from gatewayd.sources.memory.acquaintance import MOST_FACTS, MOST_MEMORY
from gatewayd.testing import simulate


class Learning(FakeSource):
    told = None
    remembers = b"limit 60"
    facts = MappingProxyType({"serial": "4711"})

    def recall(self, memory):
        self.told = memory

    def memory(self):
        return self.remembers

    def about(self):
        return self.facts


def field_of(source):
    return FakeField({"pump": source})


def test_a_source_is_given_what_it_remembered():
    source = Learning()
    field = field_of(source)
    field.field.recall({"pump": b"limit 60", "another": b"x"})
    assert source.told == b"limit 60"
    assert field.field.memories() == {"pump": b"limit 60"}


def test_a_source_without_a_memory_is_left_alone():
    source = Learning()
    field_of(source).field.recall({})
    assert source.told is None


@pytest.mark.parametrize("nonsense", [None, "text", b"x" * (MOST_MEMORY + 1)])
def test_a_memory_that_is_none_is_not_kept(nonsense):
    source = Learning()
    source.remembers = nonsense
    field = field_of(source)
    with capture_logs() as logs:
        assert field.field.memories() == {}
        field.field.memories()
    assert [each["event"] for each in logs] == ["plugin_misbehaved"] * (nonsense is not None)


class Panic(BaseException):
    """As extensions in Rust raise it: not even an Exception."""


def test_a_plugin_that_fails_here_is_told_once_and_nothing_else_suffers():
    class Broken(Learning):
        def recall(self, memory):
            raise KeyError("version")

        def about(self):
            raise Panic

    source = Broken()
    field = field_of(source)
    with capture_logs() as logs:
        field.field.recall({"pump": b"old"})
        simulate(field.run(10.5))
    told = [(each["method"], each["reason"]) for each in logs if each["event"] == "plugin_misbehaved"]
    assert told == [("recall", "KeyError: 'version'"), ("about", "Panic")]
    assert len(field.answered("pump")) == 11


def test_what_a_device_says_of_itself_is_in_the_status_once_it_answered():
    source = Learning()
    field = field_of(source)
    assert field.field.status()[0].about == {}
    simulate(field.run(1.5))
    assert field.status("pump").about == {"serial": "4711"}


def test_a_device_cannot_flood_the_status():
    source = Learning()
    source.facts = {f"fact {n}": "two\nlines" for n in range(MOST_FACTS + 5)}
    field = simulate(field_of(source).run(1.5))
    about = field.status("pump").about
    assert len(about) == MOST_FACTS
    assert set(about.values()) == {"two lines"}


def configured(**options):
    return ConfiguredSource("pump", "modbus", Learning(), (), (), options=options)


def test_memories_are_saved_when_they_change():
    memories = Memories([configured(unit=1)])
    (saved,) = memories.changed({"pump": b"a"})
    assert (saved.stage, saved.name, saved.data) == ("sources", "pump", b"a")
    assert memories.changed({"pump": b"a"}) == ()
    assert [each.data for each in memories.changed({"pump": b""})] == [b""]


def test_memories_are_found_by_the_same_source_only():
    saved = Memories([configured(unit=1)]).changed({"pump": b"a"})
    foreign = Saved("windows", "pump", saved[0].definition, b"w")
    same, other = Memories([configured(unit=1)]), Memories([configured(unit=2)])
    assert same.found([*saved, foreign]) == {"pump": b"a"}
    assert same.changed({"pump": b"a"}) == ()
    assert other.found(saved) == {}


def test_a_device_that_says_nothing_of_itself_at_first_is_asked_again():
    source = Learning()
    source.facts = {}
    field = simulate(field_of(source).run(1.5))
    assert field.status("pump").about == {}
    source.facts = {"name": "Ruuvi 884F"}
    assert field.field.status()[0].about == {"name": "Ruuvi 884F"}
