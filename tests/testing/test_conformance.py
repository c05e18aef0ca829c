"""The conformance suite finds what is wrong with a plugin: each fault by the test that is about it, in words."""

from contextlib import asynccontextmanager

import fake_plugins
import pytest

from gatewayd.errors import GatewaydError
from gatewayd.testing import ConformanceError, conformance, serving

PLUGIN = """
import asyncio
from dataclasses import dataclass

import gatewayd.plugin
from gatewayd.plugin import Channel, Effort, Quality, Sample, Source, SourceError, hookimpl

KEPT = []


@dataclass
class Tank(Source):
    host: str
    port: int = 4001

    def declare(self):
        return [Channel("level", unit="m")]

    async def poll(self, poll):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            return Sample("level", float(await reader.readline()))
        except ValueError as error:
            raise SourceError(str(error)) from None
        finally:
            writer.close()


@hookimpl
def register_sources(register):
    register("tank", Tank)
"""


@asynccontextmanager
async def sensor():
    async def answer(reader, writer):
        writer.write(b"1.25\n")

    async with serving(answer) as port:
        yield {"host": "127.0.0.1", "port": port}


def names_of(suite):
    return [name for name in dir(suite) if name.startswith("test_")]


@pytest.fixture
def install(monkeypatch, tmp_path):
    def install(*changes, readme="host, port"):
        code = PLUGIN
        for old, new in changes:
            assert old in code
            code = code.replace(old, new)
        fake_plugins.install(monkeypatch, tmp_path, code=code)
        metadata = next(tmp_path.glob("*/*.dist-info/METADATA"))
        metadata.write_text(metadata.read_text() + f"\n{readme}\n")
        return conformance("tank", sensor)()

    return install


@pytest.mark.parametrize("test", names_of(conformance("tank", sensor)))
def test_a_good_plugin_passes(install, test):
    getattr(install(), test)()


READ = 'return Sample("level", float(await reader.readline()))'
POLL = "    async def poll(self, poll):\n"
DECLARE = '        return [Channel("level", unit="m")]'
ASK = "        reader, writer = await asyncio.open_connection(self.host, self.port)\n"
KEEP = "    async def open(self): self.streams = await asyncio.open_connection(self.host, self.port)\n" + POLL

FAULTS = {
    "another name": (
        "it_loads_and_registers_a_source_type",
        [('register("tank"', 'register("tonk"')],
        "not the name of its entry point",
    ),
    "private parts": (
        "it_imports_nothing_of_gatewayd_but_its_public_part",
        [("import gatewayd.plugin\n", "from gatewayd import clock\n")],
        "imports gatewayd.clock",
    ),
    "a changing mind": (
        "it_declares_the_same_again_without_asking_anyone",
        [(DECLARE, '        KEPT.append(1)\n        return [Channel("level", unit=f"m{len(KEPT)}")]')],
        "then",
    ),
    "asking the network": (
        "it_declares_the_same_again_without_asking_anyone",
        [
            (DECLARE, f"        self.line()\n{DECLARE}"),
            (POLL, f"    def line(self):\n        import socket; socket.getaddrinfo(self.host, 1)\n{POLL}"),
        ],
        "asks the network",
    ),
    "odd efforts": (
        "its_efforts_are_times",
        [(POLL, f"    def effort(self, poll): return [Effort('read', -1.0)]\n{POLL}")],
        "Effort(what='read', seconds=-1.0)",
    ),
    "no limit": (
        "its_calls_may_take_a_limited_time",
        [(POLL, f"    poll_limit = float('inf')\n{POLL}")],
        "poll_limit is inf",
    ),
    "a memory that it must understand": (
        "it_forgets_a_memory_that_makes_no_sense",
        [(POLL, f"    def recall(self, memory): int(memory)\n{POLL}")],
        "ValueError",
    ),
    "a memory without end": (
        "it_forgets_a_memory_that_makes_no_sense",
        [(POLL, f"    def memory(self): return bytes(100_000)\n{POLL}")],
        "65536 at most",
    ),
    "a silent channel": (
        "every_channel_has_a_value",
        [(DECLARE, '        return [Channel("level", unit="m"), Channel("temp")]')],
        "no value of it.temp",
    ),
    "a wrong channel": (
        "every_channel_has_a_value",
        [('Sample("level"', 'Sample("lewel"')],
        "polls failed",
    ),
    "bad without a reason": (
        "what_is_not_good_has_a_reason",
        [(READ, 'return Sample("level", 1.0, Quality.BAD)')],
        "no reason for",
    ),
    "a memory that it cannot bear itself": (
        "what_it_learned_is_of_use_after_a_restart",
        [
            (POLL, f"    def memory(self): return b'x'\n    def recall(self, memory): self.port = 1\n{POLL}"),
        ],
        "",
    ),
    "numbers about the device": (
        "what_it_says_of_its_device_is_text",
        [(POLL, f"    def about(self): return {{'serial': 4711}}\n{POLL}")],
        "about() gives {'serial': 4711}",
    ),
    "blocking": (
        "it_leaves_the_event_loop_to_others",
        [(ASK, f"        import time; time.sleep(0.03)\n{ASK}")],
        "holds everything up for 0.03",
    ),
    "swallowing cancellation": (
        "it_can_be_broken_off_at_any_time",
        [
            (
                ASK,
                f"        try: await asyncio.sleep(3)\n        except BaseException: await asyncio.sleep(3)\n{ASK}",
            ),
        ],
        "goes on for more than",
    ),
    "leaving a connection open": (
        "it_leaves_nothing_behind",
        [("            writer.close()", "            import os; os.dup(0); writer.close()")],
        "/dev/null",
    ),
    "leaving a task": (
        "it_leaves_nothing_behind",
        [(ASK, f"{ASK}        KEPT.append(asyncio.create_task(asyncio.sleep(9), name='forgotten'))\n")],
        "forgotten",
    ),
    "growing": ("its_memory_does_not_grow", [(ASK, f"        KEPT.append(bytes(4000))\n{ASK}")], "it grows by 40"),
    "no answer is a bug": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [(ASK, f"        try:\n    {ASK}        except OSError as error: raise KeyError from error\n")],
        "is gone makes it raise KeyError",
    ),
    "nonsense is a bug": (
        "nonsense_is_a_failed_poll_and_no_bug",
        [("raise SourceError(str(error)) from None", "raise")],
        "talks nonsense makes it raise ValueError",
    ),
    "a connection for life": (
        "a_connection_that_is_cut_is_made_again",
        [
            (ASK, "        if not KEPT: KEPT.append(await asyncio.open_connection(self.host, self.port))\n"),
            (READ, 'data = await KEPT[0][0].readline(); return Sample("level", float(data or b"x"))'),
            ("            writer.close()", "            pass"),
        ],
        "does not recover",
    ),
    "packets": (
        "an_answer_may_come_in_crumbs",
        [(READ, 'return Sample("level", float(await reader.read(100)))')],
        "instead of",
    ),
    "an option without a word": ("its_readme_explains_every_option", [], "the options port"),
}


@pytest.mark.parametrize(("test", "changes", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_and_named(install, test, changes, says):
    subject = install(*changes, readme="host" if test.endswith("every_option") else "host, port")
    with pytest.raises((ConformanceError, GatewaydError, OSError)) as caught:
        getattr(subject, f"test_{test}")()
    assert says in str(caught.value)


def test_every_test_of_the_suite_has_found_a_fault():
    found = {f"test_{test}" for test, _, _ in FAULTS.values()}
    assert set(names_of(conformance("tank", sensor))) - found == {
        "test_it_uses_nothing_that_is_deprecated",  # see test_deprecation.py
        "test_it_is_closed_and_opened_again",
        "test_a_silent_device_is_given_up_and_read_again_when_it_speaks",
    }
