import asyncio
import math

import fake_plugins
import pytest

from gatewayd.errors import ConfigError
from gatewayd.plugin import Quality
from gatewayd.testing import by_hand, configured, made, polling, problems, simulate
from gatewayd.testing.toml_text import toml_value

AWKWARD = """
from dataclasses import dataclass
from gatewayd.plugin import Block, Channel, Kind, Line, Quality, Sample, Source, SourceError, Waveform, hookimpl

LOG = []


class Bus(Line):
    async def open(self): LOG.append("line open")
    async def close(self): LOG.append("line close")
    async def recover(self):
        LOG.append("recover")
        raise SourceError("hopeless")


@dataclass
class Tank(Source):
    port: str = "COM1"
    fails: bool = False

    def declare(self):
        return [Channel("level", "m"), Channel("temp", "Cel"), Channel("sound", "Pa", Kind.WAVEFORM)]

    def line(self): return Bus(self.port)
    async def open(self): LOG.append("open")
    async def close(self): LOG.append("close")

    async def poll(self, poll):
        LOG.append("poll")
        if self.fails:
            raise SourceError("no answer")
        return [
            Sample("level", 1.5),
            Sample("temp", 0.0, Quality.BAD, "no sensor"),
            Waveform("sound", [1.0, 2.0], 100.0),
        ]


@hookimpl
def register_sources(register):
    register("tank", Tank)
"""


@pytest.fixture
def log(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path, code=AWKWARD)
    import acme_tank

    return acme_tank.LOG


def test_sources_are_polled_and_what_they_gave_is_kept_by_name(log):
    async def poll():
        async with polling(a={"plugin": "tank"}, b={"plugin": "tank", "interval": "10s"}) as bench:
            assert math.isnan(bench.latest("a.level"))
            await bench.polls(3, "a")
            assert (bench.latest("a.level"), len(bench.readings["b.level"])) == (1.5, 1)
            last = bench.readings["a.temp"][-1]
            assert (last.quality, last.reason) == (Quality.BAD, "no sensor")
            assert math.isnan(bench.latest("a.temp"))
            assert bench.waveforms["a.sound"][0].values.tolist() == [1, 2]
            assert bench.status("a").state == "ok"
        assert log.count("line open") == 1  # they share it
        assert log[-1] == "line close"

    simulate(poll())


def test_why_polls_fail_is_kept(log):
    async def poll():
        async with polling(a={"plugin": "tank", "fails": True}) as bench:
            await bench.polls(2)
            assert bench.failures["a"][:2] == ["no answer", "no answer"]

    simulate(poll())


def test_polls_that_never_come_are_not_waited_for_for_ever(log):
    async def poll():
        async with polling(a={"plugin": "tank", "interval": "1h"}) as bench:
            await bench.polls(1)
            with pytest.raises(TimeoutError):
                await bench.polls(1)

    simulate(poll())


def test_what_is_wrong_with_a_table_is_told_as_by_check(log):
    assert problems(a={"plugin": "tank"}) == ()
    (problem,) = problems(a={"plugin": "tank", "prot": "COM2"})
    assert "prot" in problem.what
    with pytest.raises(ConfigError, match="tonk"):
        configured(a={"plugin": "tonk"})


def test_by_hand_a_failed_poll_is_followed_by_what_gatewayd_does(log):
    async def poll():
        async with by_hand(plugin="tank") as hand:
            first, *_ = await hand.poll()
            assert first.value == 1.5
            await hand.poll()
            hand.source.fails = True
            with pytest.raises(Exception, match="no answer"):
                await hand.poll()
        assert log == ["line open", "open", "poll", "poll", "poll", "close", "recover", "line close"]

    asyncio.run(poll())


def test_a_class_is_made_as_the_config_makes_it():
    namespace = {}
    exec(fake_plugins.TANK, namespace)
    assert made(namespace["Tank"], host="h", timeout="500ms").timeout == 0.5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (3, "3"),
        (-0.5, "-0.5"),
        (math.inf, "inf"),
        ('a "b"\n', r'"a \"b\"\n"'),
        ([1, "x"], '[1, "x"]'),
        ({"a b": {"c": 1}}, '{"a b" = {"c" = 1}}'),
    ],
)
def test_values_are_written_as_toml(value, text):
    assert toml_value(value) == text


@pytest.mark.parametrize("value", [None, b"x", object()])
def test_what_toml_does_not_have_is_refused(value):
    with pytest.raises(TypeError, match="cannot be written"):
        toml_value(value)
