import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gatewayd import clock
from gatewayd.cli import ending
from gatewayd.cli.asking import EX_CONFIG
from gatewayd.daemon import systemd
from gatewayd.daemon.systemd import notify, watchdog_period
from gatewayd.evidence import evidence
from gatewayd.isolation.limits import Limits
from gatewayd.logs import outlet as log_outlet
from gatewayd.recorder import recorder
from gatewayd.sources.lines import turns
from gatewayd.uplink import sender
from gatewayd.uplink.mqtt import client
from gatewayd.uplink.outbox import outbox

UNIT = Path(__file__).parents[2] / "systemd" / "gatewayd.service"
ANALYZE, SYSUSERS, TMPFILES = map(shutil.which, ("systemd-analyze", "systemd-sysusers", "systemd-tmpfiles"))


@pytest.mark.parametrize("abstract", [False, True])
def test_states_arrive_as_lines_of_one_datagram(tmp_path, monkeypatch, abstract):
    name = f"gatewayd-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.settimeout(5)
        systemd.bind("\0" + name if abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name if abstract else name)
        assert notify(READY=1, STATUS="well")
        assert systemd.recv(100) == b"READY=1\nSTATUS=well"


def test_without_a_service_manager_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify(READY=1)


def test_a_service_manager_that_went_away_hurts_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert not notify(WATCHDOG=1)


def test_the_watchdog_is_for_this_process_only(monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert watchdog_period() is None
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    assert watchdog_period() == 30
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert watchdog_period() is None


async def test_why_the_watchdog_is_not_fed_is_told_to_systemd_and_once_in_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(systemd, "REPORT", 0.01)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    troubles = iter(["", "the outbox does not answer", "the outbox does not answer", ""])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, capture_logs() as logs:
        manager.settimeout(5)
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with pytest.raises(RuntimeError):  # as nothing is left of `troubles`
            await systemd.report(lambda: next(troubles), lambda: "well")
        heard = [manager.recv(1000) for _ in range(4)]
    well, ill = b"WATCHDOG=1\nSTATUS=well", b"STATUS=in trouble: the outbox does not answer"
    assert heard == [well, ill, ill, well]
    assert [entry["event"] for entry in logs] == ["progress_missed", "progress_made"]
    assert logs[0]["reason"] == "the outbox does not answer"


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_the_unit_is_hardened():
    command = [ANALYZE, "security", "--offline=true", "--threshold=15", "--no-pager", str(UNIT)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_the_unit_is_understood_by_systemd(tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/gatewayd/bin/gatewayd", sys.executable))
    ran = subprocess.run([ANALYZE, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert not [line for line in ran.stderr.splitlines() if UNIT.name in line], ran.stderr


def settings():
    """The lines of the unit, by their names."""
    found = {}
    for line in UNIT.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            found.setdefault(*line.split("=", 1))
    return found


def test_the_unit_hides_nothing_that_the_daemon_reads():
    """It did once, and then gatewayd did not start: the boot's identity was hidden."""
    assert clock._BOOT_ID.is_relative_to("/proc")
    assert "ProcSubset" not in settings()


def test_a_hang_is_ended_at_once_with_where_it_hung_and_without_a_picture_of_the_memory():
    assert settings()["TimeoutAbortSec"] == "1s"
    assert "Environment=PYTHONFAULTHANDLER=1" in UNIT.read_text()
    assert settings()["LimitCORE"] == "0"


def test_a_stop_takes_less_time_than_systemd_grants_it_whatever_hangs():
    """First what polls, side by side; then the sender; then what writes, side by side; then the process."""
    polling = max(turns.STOP_LIMIT, Limits().stop + Limits().kill)
    sending = sender.FINISH_LIMIT + sender.FAREWELL_LIMIT + client.DISCONNECT_LIMIT
    writing = max(outbox.CLOSE, recorder.CLOSE, evidence.CLOSE)
    granted = min(float(settings()[name].removesuffix("s")) for name in ("TimeoutStopSec", "WatchdogSec"))
    leaving = ending.PATIENCE + log_outlet.LAST_WORDS
    assert polling + sending + writing + leaving + 10 <= granted


def test_a_box_that_has_no_network_measures_as_soon_as_it_is_on():
    """Waiting for a network takes a minute or two where there is none; for the time of day, for ever."""
    lines = UNIT.read_text().splitlines()
    waits = " ".join(line for line in lines if line.startswith(("After=", "Wants=", "Requires=", "BindsTo=")))
    assert "network-online" not in waits
    assert "time-sync" not in waits
    assert "network.target" in settings()["After"], "it is there when the broker is told of a stop"


def test_what_needs_a_person_is_not_tried_again():
    assert settings()["RestartPreventExitStatus"] == str(EX_CONFIG)


@pytest.mark.skipif(SYSUSERS is None or os.geteuid() != 0, reason="systemd-sysusers is not installed, or not for us")
def test_the_user_is_made_with_the_group_of_serial_ports(tmp_path):
    (tmp_path / "etc").mkdir()
    subprocess.run([SYSUSERS, f"--root={tmp_path}", UNIT.parent / "sysusers.d/gatewayd.conf"], check=True)
    (user,) = [line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines() if "gatewayd" in line]
    assert user[5:] == ["/var/lib/gatewayd", "/usr/sbin/nologin"]
    groups = dict(line.split(":x:") for line in (tmp_path / "etc/group").read_text().splitlines())
    assert groups["dialout"].endswith(":gatewayd")


@pytest.mark.skipif(TMPFILES is None or os.geteuid() != 0, reason="systemd-tmpfiles is not installed, or not for us")
def test_the_folder_of_the_config_is_closed_and_what_is_in_it_put_right(tmp_path):
    (tmp_path / "etc/gatewayd").mkdir(parents=True)
    (tmp_path / "etc/passwd").write_text("root:x:0:0:::\ngatewayd:x:990:991:::\n")
    (tmp_path / "etc/group").write_text("root:x:0:\ngatewayd:x:991:\n")
    for name in ("gatewayd.toml", "mqtt.password"):
        (tmp_path / "etc/gatewayd" / name).touch()
    command = [TMPFILES, "--create", f"--root={tmp_path}", UNIT.parent / "tmpfiles.d/gatewayd.conf"]
    subprocess.run(command, check=True)
    found = {
        name: (oct(facts.st_mode & 0o777), facts.st_uid, facts.st_gid)
        for name in ("", "conf.d", "gatewayd.toml", "mqtt.password")
        for facts in [(tmp_path / "etc/gatewayd" / name).stat()]
    }
    assert found == {
        "": ("0o750", 0, 991),
        "conf.d": ("0o750", 0, 991),
        "gatewayd.toml": ("0o640", 0, 991),
        "mqtt.password": ("0o600", 0, 0),
    }
