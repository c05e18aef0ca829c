"""The unit in a booted systemd, installed as the docs say: starts, is watched, reloads, stops, is cut off."""

import json
import shutil
import signal
import time

import pytest
from booted import HOME, Booted, obstacle
from fake_plugins import lay_out

from gatewayd.control.asking import ControlError, ask

pytestmark = [pytest.mark.campaign, pytest.mark.skipif(bool(obstacle()), reason=obstacle())]

WATCHDOG = 6.0
SLEEPY = """
import time
from dataclasses import dataclass
from pathlib import Path

from gatewayd.plugin import Channel, Sample, Source, hookimpl

ASKED = Path("/var/lib/gatewayd/sleep")


@dataclass
class Sleepy(Source):
    def declare(self):
        return [Channel("sleep", "s")]

    async def poll(self, poll):
        if ASKED.exists():
            ASKED.unlink()
            time.sleep(1e6)
        return Sample("sleep", 0.0)


@hookimpl
def register_sources(register):
    register("sleepy", Sleepy)
"""
CONFIG = """\
[gateway]
id = "site"
[mqtt]
url = "mqtt://127.0.0.1"
username = "site"
password_file = "mqtt.password"
[sources.pump]
plugin = "simulator"
interval = "50ms"
[sources.bed]
plugin = "sleepy"
interval = "1s"
[sources.apart]
plugin = "simulator"
isolation = "process"
interval = "500ms"
[rules.pressure]
channel = "pump.pressure"
above = 1.0
[summary]
every = "1s"
"""
PLACE = "/etc/gatewayd/gatewayd.toml"
DROP_IN = f"""\
[Service]
WatchdogSec={WATCHDOG}s
LoadCredential=mqtt.password:/etc/gatewayd/mqtt.password
Environment=PYTHONPATH=/opt/site-sleepy-1.2
"""
BROKER = "listener 1883 127.0.0.1\npassword_file /etc/mosquitto/passwords\nallow_anonymous false\n"


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    """A booted system in which gatewayd is installed and running."""
    system = Booted(tmp_path_factory.mktemp("disk") / "disk")
    try:
        system.install()
        system.write(PLACE, CONFIG)
        lay_out(system.folder / "upper/opt", "sleepy", SLEEPY)
        system.write("/etc/gatewayd/mqtt.password", "secret\n")
        system.write("/etc/systemd/system/gatewayd.service.d/test.conf", DROP_IN)
        system.write("/etc/mosquitto/conf.d/test.conf", BROKER)
        system.write("/etc/mosquitto/passwords", "site:secret\n")
        system.boot()
        system.run("mosquitto_passwd", "-U", "/etc/mosquitto/passwords")
        system.run("chown", "mosquitto:", "/etc/mosquitto/passwords")
        system.run("systemctl", "restart", "mosquitto")
        system.run("systemd-sysusers", f"{HOME}/lib/sysusers.d/gatewayd.conf")
        system.run("systemd-tmpfiles", "--create", f"{HOME}/lib/tmpfiles.d/gatewayd.conf")
        system.run("systemctl", "enable", "--now", f"{HOME}/lib/systemd/system/gatewayd.service")
        yield system
    finally:
        system.cut()
        shutil.rmtree(system.folder, ignore_errors=True)


def status(system):
    try:
        return ask([system.path("/var/lib/gatewayd/control.sock")], "status")
    except ControlError:
        return None


def working(system):
    """Its status, once it polls and the broker acknowledges."""

    def found():
        answer = status(system)
        well = answer and answer["uplink"]["connected"] and answer["sources"][0]["polls"] > 5
        return answer if well and answer["outbox"]["waiting"] < 5 else None

    return system.until(found, "it does not work")


def test_it_starts_and_works_with_all_restrictions(system, note):
    answer = working(system)
    assert answer["alarms"][0]["rule"] == "pressure"
    assert json.loads(system.run(f"{HOME}/bin/gatewayd", "status", "--json")).keys() == answer.keys()
    assert system.told("ActiveState", "SubState", "NRestarts") == ("active", "running", "0")
    system.until(lambda: "3 of 3 sources ok" in system.told("StatusText")[0], "systemd is not told")
    note(system.run("systemd-analyze", "security", "gatewayd", "--threshold=15", "--no-pager").splitlines()[-1])


def test_it_is_nobody_and_its_files_are_its_own(system):
    (pid,) = system.told("MainPID")
    facts = dict(
        line.split(":\t", 1) for line in system.run("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line
    )
    assert facts["CapEff"] == facts["CapBnd"] == "0000000000000000"
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    assert facts["Uid"].split()[0] != "0"
    modes = system.run(
        "stat", "-c", "%a %U %G", "/etc/gatewayd", PLACE, "/etc/gatewayd/mqtt.password", "/var/lib/gatewayd"
    )
    assert modes.splitlines() == [
        "750 root gatewayd", "640 root gatewayd", "600 root root", "700 gatewayd gatewayd",
    ]  # fmt: skip


def test_nothing_listens(system):
    sockets = system.run("ss", "--no-header", "--listening", "--tcp", "--udp", "--processes")
    assert "mosquitto" in sockets
    assert "gatewayd" not in sockets


def test_the_doctor_finds_no_problem_with_a_fresh_installation(system):
    findings = json.loads(system.run(f"{HOME}/bin/gatewayd", "doctor", "--json", PLACE, check=False))
    assert [each for each in findings if each["grade"] == "problem"] == []


def test_a_reload_takes_the_new_config_and_keeps_the_process(system):
    (before,) = system.told("MainPID")
    rule = CONFIG + '[rules.flow]\nchannel = "pump.flow"\nabove = 1.0\n'
    system.run("sh", "-c", f"cat > {PLACE} <<'E'\n{rule}E")
    system.run("systemctl", "reload", "gatewayd")
    system.until(lambda: "flow" in {each["rule"] for each in (status(system) or {"alarms": ()})["alarms"]}, "no reload")
    system.run("sh", "-c", f"echo 'wrong' >> {PLACE}")
    assert "failed" in system.run("sh", "-c", "systemctl reload gatewayd 2>&1 || true")
    assert "gatewayd.toml:" in status(system)["problems"][0]
    system.run("sh", "-c", f"cat > {PLACE} <<'E'\n{CONFIG}E")
    system.run("systemctl", "reload", "gatewayd")
    system.until(lambda: not (status(system) or {"problems": "?"})["problems"], "it is still wrong")
    assert system.told("MainPID", "NRestarts") == (before, "0")


def hang(system, begin):
    """Seconds from the hang to its end."""
    working(system)
    before = system.told("MainPID")
    begin()
    begun = time.monotonic()
    system.until(lambda: system.told("MainPID") != before, "it hangs for ever")
    ended = time.monotonic() - begun
    assert ended < WATCHDOG + 2
    working(system)
    return ended


def test_a_hang_is_ended_by_the_watchdog_and_the_log_says_where_it_was(system, note):
    asked = system.path("/var/lib/gatewayd/sleep")
    note(f"ended after {hang(system, asked.touch):.1f} s (WatchdogSec {WATCHDOG:.0f} s)")
    assert system.told("NRestarts") == ("1",)
    log = system.run("journalctl", "-u", "gatewayd", "-o", "cat")
    assert "Fatal Python error: Aborted" in log
    assert 'acme_sleepy.py", line 19 in poll' in log


def test_so_is_one_of_a_process_that_does_nothing_at_all_any_more(system, note):
    note(f"ended after {hang(system, lambda: system.signal(signal.SIGSTOP)):.1f} s (WatchdogSec {WATCHDOG:.0f} s)")
    assert system.told("NRestarts") == ("2",)


def test_a_kill_is_made_good(system, note):
    before = working(system)["outbox"]["epoch"]
    system.signal(signal.SIGKILL)
    killed = time.monotonic()
    system.until(lambda: system.told("NRestarts") == ("3",), "it is not started again")
    assert working(system)["outbox"]["epoch"] == before
    note(f"after a kill it published again within {time.monotonic() - killed:.1f} s")


def test_it_stops_in_time(system, note):
    working(system)
    begun = time.monotonic()
    system.run("systemctl", "stop", "gatewayd")
    note(f"it stopped within {time.monotonic() - begun:.1f} s")
    assert time.monotonic() - begun < 10
    assert system.told("Result", "ExecMainStatus") == ("success", "0")


def test_a_power_cycle_brings_it_back_with_what_it_knew(system, note):
    system.run("systemctl", "start", "gatewayd")
    before = working(system)["outbox"]["epoch"]
    system.cut()
    took = system.boot()
    assert working(system)["outbox"]["epoch"] == before
    assert not system.run("sh", "-c", "ls /var/lib/gatewayd | grep damaged || true")
    note(f"power back to booted in {took:.1f} s")


def test_what_does_not_get_better_by_trying_is_tried_once(system):
    system.run("systemctl", "stop", "gatewayd")
    newer = (
        "import sqlite3; c = sqlite3.connect('/var/lib/gatewayd/outbox.db'); c.execute('PRAGMA user_version = 99'); "
    )
    system.run("python3", "-c", newer + "c.execute('UPDATE epoch SET version = 99'); c.commit()")
    system.run("systemctl", "start", "gatewayd", check=False)
    system.until(lambda: system.told("ActiveState") == ("failed",), "it tries again and again")
    assert system.told("ExecMainStatus", "NRestarts") == ("78", "0")
    assert "a newer gatewayd has made it (version 99" in system.log()
