import asyncio
import contextlib
import re
import shutil
import socket
import sys
import textwrap
from pathlib import Path

import numpy as np
import packages
import pytest
from structlog.testing import capture_logs

from gatewayd.config import load
from gatewayd.model import Polled, Quality, Request
from gatewayd.registry.registry import installed
from gatewayd.sources import Field

TANK = Path(__file__).parent / "thirdparty" / "gatewayd-tank"

CONFIG = """
[gateway]
id = "hafen-01"

[mqtt]
url = "mqtt://localhost"

[sources.tank1]
plugin = "tank"
host = "127.0.0.1"
port = {port}
interval = "20ms"
"""


@pytest.fixture(scope="module")
def tank_folder(tmp_path_factory, request):
    """The tank plugin, installed into a folder of its own as pip does it."""
    work = tmp_path_factory.mktemp("tank")
    project = shutil.copytree(TANK, work / "project")
    packages.install(work / "site", packages.environment(request.config), project)
    return work / "site"


@pytest.fixture
def tank(tank_folder, monkeypatch):
    monkeypatch.syspath_prepend(tank_folder)
    yield
    sys.modules.pop("gatewayd_tank", None)


@pytest.fixture
async def sensor():
    """The port of a tank sensor; its answer can be changed."""
    connections = set()

    async def answer(reader, writer):
        connections.add(asyncio.current_task())
        writer.write(sensor.line)
        await writer.drain()
        writer.close()

    class Sensor:
        line = b"1.25\n"

    sensor = Sensor()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        sensor.port = server.sockets[0].getsockname()[1]
        yield sensor
        await asyncio.gather(*connections)


class Feeding:
    """Takes what a field feeds, and lets a test wait for what it wants of it."""

    def __init__(self, config):
        self.fed = []
        self.field = Field(config.sources.values(), config.plan, self._feed)
        self._plan = config.plan
        self._news = asyncio.Event()

    def _feed(self, item):
        self.fed.append(item)
        self._news.set()

    def of(self, source):
        groups = {number for number, group in enumerate(self._plan.groups) if group.source == source}
        return [item for item in self.fed if isinstance(item, Polled) and item.group in groups]

    async def until(self, wanted):
        async with asyncio.timeout(10):
            while not wanted():
                self._news.clear()
                await self._news.wait()

    @contextlib.asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.field.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})


def config(folder, text):
    path = folder / "gatewayd.toml"
    path.write_text(text)
    return load(path)


# --- the good one -------------------------------------------------------------------------------------------------


def test_the_first_plugin_takes_about_twenty_lines():
    source, _, feature = (TANK / "gatewayd_tank.py").read_text().partition("\n\n\ndef inflow")
    assert feature
    assert len([line for line in source.splitlines() if line.strip()]) <= 23


def test_an_installed_plugin_is_listed_with_its_distribution(tank):
    (found,) = [plugin for plugin in installed() if plugin.name == "tank"]
    assert (found.distribution, found.version, found.error) == ("gatewayd-tank", "0.1.0", "")
    assert (found.source, found.features) == (True, ("tank.inflow(noise=0.01)",))


def test_the_config_that_the_page_on_plugins_shows_makes_channels_of_its_feature(tank, tmp_path):
    page = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text()
    (table,) = re.findall(r"^    \[features\.tank\]\n(?:    .*\n)+", page, re.MULTILINE)
    loaded = config(tmp_path, CONFIG.format(port=4001) + textwrap.dedent(table))
    assert loaded.problems == ()
    derived = {channel.name: channel.unit for channel in loaded.plan.channels if channel.derived}
    assert derived == dict.fromkeys(
        ["tank1.level.mean", "tank1.level.tank.inflow", "tank1.level.tank.inflow(0.05)"], "m"
    )
    asked = Request(0, 0, np.array([1.0, 1.04, 1.2, 1.1]), None, 50.0, float("nan"))
    assert [each.plugin for each in loaded.calculations] == ["tank", "tank"]
    assert [each.function(asked) for each in loaded.calculations] == [pytest.approx((0.2,)), pytest.approx((0.16,))]


async def test_a_source_of_an_installed_plugin_is_polled(tank, sensor, tmp_path):
    loaded = config(tmp_path, CONFIG.format(port=sensor.port))
    assert loaded.problems == ()
    assert [(channel.name, channel.unit) for channel in loaded.plan.channels] == [("tank1.level", "m")]
    async with Feeding(loaded).running() as feeding:
        await feeding.until(lambda: len(feeding.fed) >= 3)
        sensor.line = b"0.5\n"
        await feeding.until(lambda: feeding.fed[-1].values[0] == 0.5)
    first = feeding.fed[0]
    assert (first.values.tolist(), first.qualities.tolist(), first.failed) == ([1.25], [Quality.GOOD], False)


@pytest.mark.parametrize("line", [b"", b"full\n", b"\xff\xfe\n"], ids=repr)
async def test_a_sensor_that_answers_nonsense_gives_a_bad_value_with_the_reason(tank, sensor, tmp_path, line):
    sensor.line = line
    with capture_logs() as logs:
        async with Feeding(config(tmp_path, CONFIG.format(port=sensor.port))).running() as feeding:
            await feeding.until(lambda: feeding.fed)
            sensor.line = b"2.0\n"
            await feeding.until(lambda: not feeding.fed[-1].failed)
    bad = feeding.fed[0]
    assert (bad.failed, bad.qualities.tolist()) == (True, [Quality.BAD])
    assert "could not convert" in bad.reasons["level"]
    assert [(each["event"], each["source"]) for each in logs] == [
        ("source_failed", "tank1"),
        ("source_recovered", "tank1"),
    ]


async def test_a_sensor_that_is_not_there_is_named_in_the_systems_own_words(tank, tmp_path):
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        async with Feeding(config(tmp_path, CONFIG.format(port=port))).running() as feeding:
            await feeding.until(lambda: feeding.fed)
    assert feeding.fed[0].failed
    assert feeding.fed[0].reasons["level"].startswith("ConnectionRefusedError")


# --- the bad ones -------------------------------------------------------------------------------------------------

HEAD = """
import asyncio
from gatewayd.plugin import Channel, Sample, Source, hookimpl, SourceError

class Level(Source):
    poll_limit = 0.1
    def declare(self):
        return [Channel("level")]
    async def poll(self, poll):
        return Sample("level", 1.0)
"""
REGISTER = """
@hookimpl
def register_sources(register):
    register("{name}", Level)
"""
UNUSABLE = {
    "fails to import": ("import a_library_that_is_not_there", "a_library_that_is_not_there"),
    "is no Python": ("def register_sources(register)", "SyntaxError"),
    "exits when imported": ("import sys; sys.exit('goodbye')", "goodbye"),
    "has no hook": (HEAD, "register_sources"),
    "has a hook of another name": (HEAD + REGISTER.replace("def register_sources", "def register_sensors"), "sensors"),
    "has a hook with other arguments": (HEAD + REGISTER.replace("(register):", "(register, daemon):"), "daemon"),
    "raises when it registers": (
        HEAD + REGISTER.replace("    register(", "    1 / 0\n    register("),
        "division by zero",
    ),
    "registers nonsense": (HEAD + REGISTER.replace("Level)", "42)"), "42"),
    "registers another name": (HEAD + REGISTER.replace('"{name}"', '"other"'), "other"),
}
FAILING = {
    "raises": ("raise SourceError('no answer')", "no answer"),
    "has a bug": ("return 1 / 0", "ZeroDivisionError"),
    "hangs": ("await asyncio.Event().wait()", "broken off after 0.1 s"),
    "gives nonsense": ("return 'full'", "expected a Sample"),
    "gives another channel": ("return Sample('depth', 1.0)", "'depth'"),
}
GOOD = """
[sources.good]
plugin = "good_one"
interval = "20ms"
"""
HEADER = CONFIG.partition("[sources")[0]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Lay out a distribution as pip does, with one module that is one plugin."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    names = []

    def lay_out(name, code):
        (site / f"{name}_module.py").write_text(code.replace("{name}", name))
        info = site / f"gatewayd_{name}-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gatewayd-{name}\nVersion: 0.1\n")
        (info / "entry_points.txt").write_text(f"[gatewayd]\n{name} = {name}_module\n")
        names.append(f"{name}_module")

    lay_out("good_one", HEAD + REGISTER)
    yield lay_out
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("code", "says"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_plugin_that_cannot_be_used_is_a_problem_by_name_and_others_go_on(install, tmp_path, code, says):
    install("bad_one", code)
    bad = '\n[sources.bad]\nplugin = "bad_one"\ninterval = "20ms"\n'
    loaded = config(tmp_path, HEADER + bad + GOOD)
    (problem,) = loaded.problems
    assert not problem.fatal
    assert "bad_one" in str(problem)
    assert says in str(problem)
    assert (problem.file, problem.line) == (str(tmp_path / "gatewayd.toml"), HEADER.count("\n") + 3)
    async with Feeding(loaded).running() as feeding:
        await feeding.until(lambda: len(feeding.of("good")) >= 3)
    assert not any(polled.failed for polled in feeding.fed)


@pytest.mark.parametrize(("code", "says"), FAILING.values(), ids=FAILING)
async def test_a_plugin_that_fails_to_read_is_named_and_others_go_on(install, tmp_path, code, says):
    install("bad_one", HEAD.replace('return Sample("level", 1.0)', code) + REGISTER)
    bad = '\n[sources.bad]\nplugin = "bad_one"\ninterval = "20ms"\n'
    loaded = config(tmp_path, HEADER + bad + GOOD)
    assert loaded.problems == ()
    with capture_logs() as logs:
        async with Feeding(loaded).running() as feeding:
            await feeding.until(lambda: len(feeding.of("bad")) >= 2 and len(feeding.of("good")) >= 10)
            statuses = {status.name: status for status in feeding.field.status()}
    assert says in statuses["bad"].last_error
    assert (statuses["good"].state, statuses["good"].failed) == ("ok", 0)
    assert all(polled.failed for polled in feeding.of("bad"))
    (told,) = logs
    assert (told["event"], told["source"], told["plugin"]) == ("source_failed", "bad", "bad_one")
