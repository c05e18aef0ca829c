"""Isolated lines as the gateway sees them: whatever a process does, its polls have outcomes and it is replaced."""

import asyncio
import errno
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fake_field import FakeSource, _plan
from isolated_plugins import PATIENCE, QUICK
from puppets import Puppet
from structlog.testing import capture_logs

from gatewayd.isolation import Isolation, process, restarts
from gatewayd.isolation.life import tell
from gatewayd.isolation.messages import Fed, Forget, Ready, RubbishError, Told
from gatewayd.recorder.entries import Poll
from gatewayd.sources import ErrandError
from gatewayd.sources.lines.errands import MOST

CALM = replace(QUICK, beat=5.0, silence=PATIENCE, start=PATIENCE, stop=0.05)
"""However busy the machine is, no puppet is late; none stops by itself."""


@pytest.fixture
def puppet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Puppet(tmp_path, monkeypatch)


ENDS = {
    "it is killed": ("live(0.1); os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
    "it exits": ("live(0.1); sys.exit(3)", "exited with status 3"),
    "it is silent": ("time.sleep(60)", "gave no sign of life for 0.2 s: its plugin computes or blocks"),
    "it is stuck": ("say('stuck'); live()", "was stuck in a call into its plugin"),
    "it hangs up": ("end.shutdown(2); time.sleep(60)", "closed its end of the socket"),
    "it polls without end": ("while True: say('values')", "more messages than its polls can have results"),
    "it logs without end": ("while True: say('event')", "more messages than its polls can have results"),
    "one message is too long": ("end.sendall(b'\\0\\0\\0\\x02')", "sent 33554432 bytes at once, 16777216 are the most"),
    "it talks rubbish": ("say('rubbish')", "talked rubbish"),
    "it gives what it cannot have": ("say('wild')", "talked rubbish: a poll with other values than it has channels"),
    "it is ready twice": ("say('ready')", "talked rubbish: it was ready before"),
    "it speaks for others": ("say('beat of another')", "talked rubbish: of sources that it does not have"),
    "it logs no event": ("say('no event')", "talked rubbish: an event of "),
}


@pytest.mark.parametrize(("acts", "reason"), ENDS.values(), ids=ENDS)
async def test_a_process_that_goes_wrong_is_ended_and_its_polls_say_why(puppet, acts, reason):
    puppet.acts = f"say('ready')\n{acts}\ntime.sleep(60)"  # its end would be told instead, if that were noticed first
    puppet.also = {
        "rubbish": b"\x04\0\0\0\xc1\xc1\xc1\xc1",
        "wild": Fed([Poll(0, 0, bytes(8), b"", None, 0, 0)]),
        "beat of another": puppet.beat("pump9"),
        "no event": Told("info", "noted", "[1"),
    }
    shorter = {"no sign of life": {"silence": 0.2}, "closed its end": {"beat": 0.05}}
    (limits,) = [replace(CALM, **each) for text, each in shorter.items() if text in reason] or [CALM]
    with capture_logs() as logs:
        async with puppet.running(limits):
            assert reason in await puppet.fails()
            status = puppet.status()
    assert (status.state, status.process) == ("failing", None)
    assert reason in status.last_error
    told = [each for each in logs if each["event"] == "process_failed"]
    assert [(each["line"], each["sources"], each["again_in"]) for each in told] == [("rogue1", ["rogue1"], 1.0)]
    assert reason in told[0]["reason"]


NEVER = {
    "unfit": ("say('unfit')", "could not be set up: no such luck"),
    "other channels": ("say('other')", "could not be set up: in its own process its plugin declares other channels"),
    "results before": ("say('values')", "talked rubbish: results before it was ready"),
    "slow": ("time.sleep(60)", "was not ready within 0.5 s"),
    "no program": ("sys.exit(1)", "exited with status 1"),
}


@pytest.mark.parametrize(("acts", "reason"), NEVER.values(), ids=NEVER)
async def test_a_process_that_never_works_says_why(puppet, acts, reason):
    puppet.acts = acts
    puppet.also = {"other": Ready([("rogue1", ["rogue1.count", "rogue1.other"])], {})}
    with capture_logs():
        async with puppet.running(replace(CALM, start=0.5) if "not ready" in reason else CALM):
            await puppet.until(lambda: [each for each in puppet.polled() if reason in each.reasons["count"]])
            assert reason in puppet.status().last_error


def no_more_files(*_, **__):
    raise OSError(errno.EMFILE, "too many open files")


@pytest.mark.parametrize(("module", "what"), [(os, "pipe"), (subprocess, "Popen"), (os, "pidfd_open")])
async def test_a_process_that_cannot_be_started_leaves_nothing_behind(puppet, monkeypatch, module, what):
    with capture_logs():
        async with puppet.running(CALM):
            files = set(Path("/proc/self/fd").iterdir())
            monkeypatch.setattr(module, what, no_more_files)
            assert "its own process could not be started: [Errno 24] too many" in await puppet.fails()
            assert set(Path("/proc/self/fd").iterdir()) <= files


async def test_a_process_that_failed_is_started_again(puppet, monkeypatch):
    monkeypatch.setattr(restarts, "FIRST", 0.05)
    puppet.acts = "say('ready')\nlive(0.1)\nos.abort()"
    with capture_logs() as logs:
        async with puppet.running(replace(CALM, steady=0.05)):
            await puppet.answers()
            assert "SIGABRT" in await puppet.fails()
            await puppet.answers()
            status = puppet.status()
            assert status.polls == len(puppet.polled())
            await puppet.until(lambda: [each for each in logs if each["event"] == "process_recovered"])
    assert status.process is None or status.process.failures == 1


async def test_sources_of_one_line_have_one_process_and_others_feel_nothing_when_it_fails(puppet):
    for name, options in {"rogue1": 'shared = "bus"', "rogue2": 'shared = "bus"', "rogue3": ""}.items():
        puppet.source(name, options=options)
    async with puppet.running(CALM):
        for name in ("rogue1", "rogue2", "rogue3"):
            await puppet.answers(name)
        pids = [puppet.status(name).process.pid for name in ("rogue1", "rogue2", "rogue3")]
        assert pids[0] == pids[1] != pids[2]
        with capture_logs() as logs:
            os.kill(pids[0], signal.SIGKILL)
            for name in ("rogue1", "rogue2"):
                assert "SIGKILL" in await puppet.fails(name)
            await puppet.answers("rogue3")
    assert [(each["line"], each["sources"]) for each in logs] == [("bus", ["rogue1", "rogue2"])]
    assert not any(each.failed for each in puppet.polled("rogue3"))


async def test_what_the_engine_raises_at_a_poll_that_nobody_did_ends_the_line(monkeypatch):
    monkeypatch.setattr(process, "COMMAND", ("/bin/false",))

    def feed(polled):
        raise ArithmeticError(polled.reasons["a"])

    plan, sources = _plan({"pump1": FakeSource(names=("a",))}, 0.01, True)
    with pytest.raises(ExceptionGroup) as raised, capture_logs():
        async with asyncio.timeout(PATIENCE):
            await Isolation().line(sources, plan, feed).run()
    assert raised.value.subgroup(ArithmeticError)


async def test_a_line_that_was_stopped_does_not_say_later_that_it_has_recovered(puppet, monkeypatch):
    monkeypatch.setattr(restarts, "FIRST", 0.05)
    puppet.acts = "say('ready')\nif os.path.exists('once'): live()\nopen('once', 'w').close()"
    with capture_logs() as logs:
        async with puppet.running(replace(CALM, steady=0.5)):
            await puppet.fails()
            await puppet.answers()
            before = len(logs)  # on a busy machine it may have
        await asyncio.sleep(0.6)
    assert "process_recovered" not in {each["event"] for each in logs[before:]}


def test_an_event_is_logged_or_rubbish_however_deep_it_is():
    """What can be decoded cannot always be rendered: that goes a little deeper."""
    for depth in (*range(800, 1000), 8000):
        with suppress(RubbishError):
            tell(Told("info", "noted", f'{{"a": {depth * "["}{depth * "]"}}}'))


EVENTS = ['{"self": 1, "method_name": "x", "event": 2, "level": 3, "kept": 4}', '{"a": [{"1": null}], "kept": 4}']


@pytest.mark.parametrize("fields", EVENTS)
async def test_an_event_is_logged_whatever_its_fields_are_called(puppet, fields):
    puppet.acts = "say('ready', 'odd')\nlive()"
    puppet.also = {"odd": Told("odd level", "noted", fields)}
    with capture_logs() as logs:
        async with puppet.running(CALM):
            await puppet.answers()
    (noted,) = [each for each in logs if each["event"] == "noted"]
    assert (noted["log_level"], noted["kept"]) == ("info", 4)


async def test_a_stop_takes_bounded_time_whatever_the_process_does(puppet):
    limits = replace(CALM, kill=PATIENCE)
    async with puppet.running(limits):
        await puppet.answers()
        pid = int(puppet.status().process.pid)
        begun = time.monotonic()
    assert limits.stop <= time.monotonic() - begun < limits.kill
    assert not Path(f"/proc/{pid}").exists()


async def test_a_write_that_nobody_waits_for_any_more_is_called_off(puppet):
    """Else it would be done after the operator was told that it was not."""
    puppet.acts = (
        "say('ready', 'beat', 'values'); hear(); order = hear()\nif order == LINES['forget'][4:]: say('event')\nlive()"
    )
    puppet.also = {"forget": Forget(0)}
    with capture_logs() as logs:
        async with puppet.running(CALM):
            await puppet.answers()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await puppet.field.write("rogue1", "count", 1.0)
            await puppet.until(lambda: [each for each in logs if each["event"] == "noted"])


async def test_a_write_is_refused_while_there_is_no_process_and_when_it_ends_meanwhile(puppet):
    puppet.acts = "say('ready', 'beat', 'values'); hear()"
    async with puppet.running(CALM):
        with pytest.raises(ErrandError, match="its own process does not run"):
            await puppet.field.write("rogue1", "count", 1.0)
        await puppet.answers()
        with capture_logs(), pytest.raises(ErrandError, match="its process ended meanwhile"):
            await puppet.field.write("rogue1", "count", 1.0)


async def test_no_more_writes_wait_for_a_process_than_for_a_line_here(puppet):
    puppet.acts = "say('ready', 'beat', 'values')\nlive()"
    async with puppet.running(CALM):
        await puppet.answers()
        waiting = [asyncio.create_task(puppet.field.write("rogue1", "count", float(n))) for n in range(MOST)]
        await asyncio.sleep(0.05)
        with pytest.raises(ErrandError, match=f"{MOST} others wait for the line already"):
            await puppet.field.write("rogue1", "count", 1.0)
        waiting.pop().cancel()
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await puppet.field.write("rogue1", "count", 1.0)
        for each in waiting:
            each.cancel()
        await asyncio.wait(waiting)


async def test_what_a_process_remembers_is_not_believed(puppet):
    puppet.acts = "say('ready', 'remember')\nlive()"
    puppet.also = {"remember": puppet.beat("rogue1", memories={"rogue1": b"mine", "pump9": b"not mine"})}
    async with puppet.running(CALM):
        await puppet.answers()
        assert puppet.field.memories() == {"rogue1": b"mine"}
    puppet.also = {"remember": puppet.beat("rogue1", memories={"rogue1": bytes(65 * 1024)})}
    async with puppet.running(CALM):
        await puppet.answers()
        assert puppet.field.memories() == {}
