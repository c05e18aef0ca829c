"""Isolated lines with real processes: whatever a plugin does there, the gateway goes on and so does the plugin.

A process takes half a second of the processor to start, so all that goes well has one together. What the gateway makes
of what goes wrong is in `test_gateways_side`, what the child says in `child/`; rarer things that only both show are
campaigns.
"""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from isolated_plugins import PATIENCE, QUICK, IsolatedField
from structlog.testing import capture_logs

from gatewayd.isolation import restarts
from gatewayd.sources import ErrandError

FOUND = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "parts")}
GATEWAY = """
import asyncio, pathlib, sys, pytest
from isolated_plugins import IsolatedField

async def main():
    isolated = IsolatedField(pathlib.Path(sys.argv[1]), pytest.MonkeyPatch())
    async with isolated.running():
        pid = (await isolated.answers())[1]
        isolated.do("spin")
        print("its process:", int(pid), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def isolated(tmp_path, monkeypatch):
    return IsolatedField(tmp_path, monkeypatch)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def well(tmp_path_factory):
    """One that all goes well with."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        isolated = IsolatedField(tmp_path_factory.mktemp("well"), monkeypatch)
        isolated.source("rogue1", options="waves = true")
        async with isolated.running():
            await isolated.answers()
            yield isolated


def among_them(test):
    return pytest.mark.asyncio(loop_scope="module")(test)


def is_alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{int(pid)}/status").read_text()
    except OSError:
        return False


@among_them
async def test_a_source_is_polled_in_another_process_as_if_it_were_in_this_one(well):
    _, pid = await well.answers()
    assert pid != os.getpid()
    await well.answers()
    before, last = (each.values[0] for each in well.polled()[-2:])
    assert last == before + 1
    await well.until(lambda: well.status().state == "ok" and well.status().accounts.calls > 2)
    status = well.status()
    assert (status.process.pid, status.process.failures) == (pid, 0)
    assert status.process.memory > 10e6
    assert well.bursts()[0].values.tolist() == list(range(64))


@among_them
async def test_channels_are_written_through_the_process(well):
    since = len(well.fed)
    await well.field.write("rogue1", "count", 42.0)
    await well.until(lambda: 43.0 in [each.values[0] for each in well.polled(since=since)])
    with pytest.raises(ErrandError, match="too much for it"):
        await well.field.write("rogue1", "count", 77.0)


FAILURES = {
    "spin": "gave no sign of life for 1 s",
    "flood": "at once, 16777216 are the most",
    "exit": "exited with status 3",
}
RARER = {
    "block": "gave no sign of life for 1 s",
    "swallow": "was stuck in a call into its plugin",
    "segfault": "was killed by SIGSEGV",
    "log_without_end": "sent more messages than its polls can have results",
    "rubbish": "talked rubbish",
    "babble": "gave no sign of life for 1 s",
    "wild": "talked rubbish: a poll with other values than it has channels",
    "hang_up": "closed its end of the socket",
}
EACH = [pytest.param(*each, id=each[0]) for each in FAILURES.items()] + [
    pytest.param(*each, id=each[0], marks=pytest.mark.campaign) for each in RARER.items()
]


def _limits(reason):
    """Those that show that it is silent soon, if that is looked for, or else that it has ended and how."""
    return replace(QUICK, silence=1.0) if "no sign of life" in reason else replace(QUICK, beat=0.5)


@pytest.mark.parametrize(("what", "reason"), EACH)
async def test_a_process_that_fails_is_ended_and_its_polls_say_why(isolated, what, reason):
    isolated.source("rogue1", options="waves = true\nlimit = 0.2" if what in ("flood", "swallow") else "")
    with capture_logs() as logs:
        async with isolated.running(_limits(reason)):
            _, pid = await isolated.answers()
            isolated.do(what)
            assert reason in await isolated.fails()
            status = isolated.status()
            assert not is_alive(pid)
    assert isolated.longest_hold < 0.05
    assert (status.state, status.process) == ("failing", None)
    assert reason in status.last_error
    told = [each for each in logs if each["event"] == "process_failed"]
    assert [(each["line"], each["sources"], each["again_in"]) for each in told] == [("rogue1", ["rogue1"], 1.0)]
    assert reason in told[0]["reason"]


@pytest.mark.campaign
async def test_a_process_that_failed_is_started_again_and_nothing_is_forgotten(isolated, monkeypatch):
    monkeypatch.setattr(restarts, "FIRST", 0.05)
    with capture_logs() as logs:
        async with isolated.running(replace(QUICK, beat=0.5, steady=0.1), {"rogue1": b"abc"}):
            _, first = await isolated.answers()
            open_files = len(list(Path("/proc/self/fd").iterdir()))
            isolated.do("leave_behind")
            assert "SIGABRT" in await isolated.fails()
            calls = isolated.status().accounts.calls
            _, second = await isolated.answers()
            await isolated.until(lambda: isolated.status().process and isolated.status().accounts.calls > calls)
            await isolated.until(lambda: [each for each in logs if each["event"] == "process_recovered"])
            status = isolated.status()
            assert status.polls == len(isolated.polled())
            assert len(list(Path("/proc/self/fd").iterdir())) <= open_files
    assert second != first
    assert (status.process.pid, status.process.failures) == (second, 1)
    assert isolated.field.memories() == {"rogue1": b"abc."}
    (left,) = [each["text"].split()[1] for each in logs if each.get("text", "").startswith("child ")]
    assert not is_alive(left)
    assert any("Fatal Python error: Aborted" in each.get("text", "") for each in logs)
    assert not is_alive(second)


@pytest.mark.campaign
async def test_sources_of_one_line_have_one_process_and_others_their_own_and_feel_nothing(isolated):
    isolated.source("rogue1", options='shared = "bus"')
    isolated.source("rogue2", options='shared = "bus"')
    isolated.source("rogue3")
    async with isolated.running():
        pids = {name: (await isolated.answers(name))[1] for name in ("rogue1", "rogue2", "rogue3")}
        assert pids["rogue1"] == pids["rogue2"] != pids["rogue3"]
        isolated.do("segfault", "rogue1")
        for name in ("rogue1", "rogue2"):
            assert "SIGSEGV" in await isolated.fails(name)
        assert (await isolated.answers("rogue3"))[1] == pids["rogue3"]
    assert not any(each.failed for each in isolated.polled("rogue3"))


@pytest.mark.campaign
@pytest.mark.parametrize("how", ["closing spins", "a thread goes on"])
async def test_a_stop_takes_bounded_time_whatever_the_plugin_does(isolated, how):
    limits = replace(QUICK, stop=1.0, kill=PATIENCE)
    time = asyncio.get_running_loop().time
    async with isolated.running(limits):
        _, pid = await isolated.answers()
        if how == "closing spins":
            isolated.refuse_to_close()
        else:
            isolated.do("keep_a_thread")
            await isolated.answers()
            await isolated.answers()
        begun = time()
    assert time() - begun < limits.kill
    assert not is_alive(pid)


async def test_a_process_that_is_still_being_started_is_ended_at_a_stop(isolated):
    async with isolated.running():
        while not (life := isolated.field._places[0].line._life):
            await asyncio.sleep(0)
        pid = life._process.pid
        assert is_alive(pid)
    assert not is_alive(pid)
    assert isolated.fed == []


OTHERWISE = {
    "exit": 'could not be set up: plugin "rogue" cannot be set up (SystemExit: goodbye)',
    "options": "could not be set up: no such luck",
    "channels": "could not be set up: in its own process its plugin declares other channels",
}


@pytest.mark.campaign
@pytest.mark.parametrize(("how", "reason"), OTHERWISE.items())
async def test_a_source_that_cannot_be_set_up_in_its_process_says_why(isolated, how, reason):
    isolated.source("rogue1", options=f'fickle = "{how}"')
    async with isolated.running():
        await isolated.until(lambda: [poll for poll in isolated.polled() if reason in poll.reasons["count"]])
        assert reason in isolated.status().last_error


def test_a_process_ends_with_the_gateway_even_when_it_spins(tmp_path):
    """Killed like this the gateway can do nothing any more."""
    command = [sys.executable, "-c", GATEWAY, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=FOUND) as gateway:
        pid = next(line.split()[-1] for line in gateway.stdout if line.startswith("its process:"))
        gateway.kill()
    ended = time.monotonic() + PATIENCE
    while is_alive(pid):
        assert time.monotonic() < ended
        time.sleep(0.01)
