"""What the gateway itself has recorded: replayed with the same config it says the same again, byte for byte."""

import json

import msgspec
import numpy as np
import pytest
from config_files import HEAD, load, write
from recordings import replayed

from gatewayd.engine.engine import Engine
from gatewayd.model import Polled, Quality, Tick
from gatewayd.recorder import Begun, Clock, Heading, Missed, Recorder, Stopped, read
from gatewayd.recorder.entries import form_of
from gatewayd.recorder.frames import frame_of
from gatewayd.recorder.segments import Segments
from gatewayd.replay.answering import answers

SECOND = 1_000_000_000
WALL = 1_790_000_000 * SECOND
CONFIG = (
    HEAD
    + """\
[sources.pump1]
plugin = "modbus"
url = "tcp://10.0.0.5"
[sources.pump1.channels]
pressure = { register = "holding:100", unit = "bar" }
flow = { register = "holding:102", interval = "2s" }
[features.slow]
channels = ["pump1.pressure"]
window = "5s"
every = "1s"
compute = ["mean"]
[rules.high]
channel = "pump1.pressure"
above = 6.0
for = "3s"
[rules.unsteady]
channel = "pump1.pressure.mean"
above = 5.5
[summary]
every = "10s"
"""
)


def inputs(count=60, begin=100):
    """Polls of both groups with ticks between them; the pressure is high for a while."""
    for n in range(count):
        time = begin * SECOND + n * SECOND
        value = 7.0 if 20 <= n < 40 else 5.0
        yield Polled(0, time, np.array([value]), np.array([Quality.GOOD], dtype=np.uint8))
        if n % 2:
            yield Polled(1, time, np.array([float(n)]), np.array([Quality.GOOD], dtype=np.uint8))
        yield Tick(time + SECOND // 2)


async def gateway(folder, items, boot="boot-1", saved=(), config=None):
    """What a gateway says and saves while it records."""
    config = config or load(write(folder, CONFIG))
    recorder = Recorder(
        folder / "record", 10_000_000, Heading.of(config.plan, version="1", boot=boot, digest=config.digest)
    )
    engine, said = Engine(config.plan, boot), []
    items = list(items)
    recorder.begin(saved, items[0].time)
    said.append(engine.restore(saved, items[0].time))
    for item in items:
        recorder.put(item)
        output = engine.feed(item)
        said += [output, *answers(engine, config, output.requests)]
    recorder.stop(items[-1].time)
    said.append(engine.stop(items[-1].time))
    await recorder.close()
    return said


def encoded(outputs):
    """All that is said and saved, as bytes."""
    saved = ((item.stage, item.name, item.definition, item.data) for output in outputs for item in output.saved)
    return msgspec.msgpack.encode([[output.records for output in outputs], list(saved)])


def again(config, path):
    """What the engine says when it is fed what was recorded."""
    engine, boot = Engine(config.plan, ""), ""
    for entry in read(path):
        match entry:
            case Heading():
                boot = entry.boot
            case Begun():
                engine = Engine(config.plan, boot)
                yield engine.restore(entry.saved, entry.time)
            case Stopped():
                yield engine.stop(entry.time)
            case Clock() | Missed():
                pass
            case _:
                yield engine.feed(entry)


async def test_the_same_config_says_the_same_byte_for_byte(tmp_path):
    said = await gateway(tmp_path, inputs())
    saved = [each for output in said for each in output.saved]
    said += await gateway(tmp_path, inputs(begin=1000), saved=saved)
    assert sum(len(output.records) for output in said) > 10
    assert encoded(list(again(load(tmp_path / "gatewayd.toml"), tmp_path / "record"))) == encoded(said)


def stored(folder, *entries, boot="boot-1"):
    """A segment of a record, as its writer would have made it."""
    config = load(write(folder, CONFIG))
    heading = Heading.of(config.plan, version="1", boot=boot, digest=config.digest)
    (folder / "record").mkdir(exist_ok=True)
    segments = Segments(folder / "record", 10_000_000, heading)
    segments.write(frame_of([form_of(each) for each in entries]))
    segments.close()


def whole(count=60, begin=100, saved=()):
    """All entries of a run."""
    items = list(inputs(count, begin))
    return [Begun(begin * SECOND, tuple(saved)), *items, Stopped(items[-1].time)]


def alarms(folder, rule, *, config="gatewayd.toml"):
    """When the alarms of a rule were raised and when they ended."""
    told = json.loads(replayed(folder / config, folder / "record", "--json").stdout)
    return [(each["raised"], each["ended"]) for each in told["alarms"] if each["rule"] == rule]


def test_the_alarms_of_a_record_are_told(tmp_path):
    stored(tmp_path, *whole())
    result = replayed(tmp_path / "gatewayd.toml", tmp_path / "record")
    assert "123 s  high (warning) for 17 s\n      pump1.pressure: 7 bar, above 6 bar for 3 s" in result.output
    assert "warning: " not in result.stderr
    assert "150 inputs of 2 channels" in result.output


def test_another_config_says_what_it_would_have_said(tmp_path):
    stored(tmp_path, *whole())
    other = CONFIG.replace('for = "3s"', 'for = "5s"')
    other = other.replace("pressure = {", 'suction = { register = "holding:98" }\npressure = {')
    write(tmp_path, other, "other.toml")
    assert alarms(tmp_path, "high", config="other.toml") == [("125 s", "140 s")]
    assert alarms(tmp_path, "unsteady", config="other.toml") == alarms(tmp_path, "unsteady") != []
    result = replayed(tmp_path / "other.toml", tmp_path / "record")
    assert "it was recorded with another config: what is said is what this one would have said" in result.stderr


def test_channels_that_another_config_has_lost_are_named(tmp_path):
    stored(tmp_path, *whole())
    write(tmp_path, CONFIG.replace("flow = {", "flux = {"), "other.toml")
    result = replayed(tmp_path / "other.toml", tmp_path / "record")
    assert 'no channel has the columns "pump1.flow"' in result.stderr


def test_an_alarm_goes_on_over_a_restart(tmp_path):
    config = load(write(tmp_path, CONFIG))
    engine, saved = Engine(config.plan, "boot-1"), {}
    for output in [*map(engine.feed, inputs(30)), engine.stop(130 * SECOND)]:
        saved |= {(each.stage, each.name): each for each in output.saved}
    stored(tmp_path, *whole(30))
    stored(tmp_path, *whole(20, begin=130, saved=saved.values()))
    assert alarms(tmp_path, "high") == [("123 s", "130 s")]
    write(tmp_path, CONFIG.replace("above = 6.0", "above = 6.5"), "other.toml")
    assert alarms(tmp_path, "high", config="other.toml") == [("123 s", "130 s")]


def test_times_are_those_of_the_wall_clock_where_it_was_known(tmp_path):
    stored(tmp_path, *whole(), Clock(WALL))
    assert [each.partition(" ")[0] for each in alarms(tmp_path, "high")[0]] == ["2026-09-21"] * 2


def test_a_boot_without_a_clock_follows_the_one_before(tmp_path):
    stored(tmp_path, *whole())
    stored(tmp_path, *whole(begin=5), boot="boot-2")
    assert alarms(tmp_path, "high") == [("123 s", "140 s"), ("182.5 s", "199.5 s")]


def test_a_record_whose_beginning_is_gone_is_replayed_as_far_as_it_goes(tmp_path):
    stored(tmp_path, *inputs(), Missed(3, "the disk was slow"))
    assert alarms(tmp_path, "high") == [("123 s", "140 s")]
    assert "inputs are missing in it, 1 time" in replayed(tmp_path / "gatewayd.toml", tmp_path / "record").stderr


def test_one_segment_can_be_replayed_alone(tmp_path):
    stored(tmp_path, *whole())
    (segment,) = (tmp_path / "record").iterdir()
    assert "high (warning) for 17 s" in replayed(tmp_path / "gatewayd.toml", segment).output


def test_a_record_has_a_page_and_no_rows(tmp_path):
    pytest.importorskip("matplotlib")
    stored(tmp_path, *whole())
    page = tmp_path / "page.html"
    assert replayed(tmp_path / "gatewayd.toml", tmp_path / "record", "--page", page).exit_code == 0
    assert page.read_text().count("<svg") == 2
    refused = replayed(tmp_path / "gatewayd.toml", tmp_path / "record", "--rows", tmp_path / "rows.csv")
    assert "a record has no rows to write; leave out --rows" in refused.output


def test_a_folder_without_a_record_is_told(tmp_path):
    result = replayed(write(tmp_path, CONFIG), tmp_path)
    assert result.exit_code == 1
    assert "there is no record; is [record] max_size set" in result.output
