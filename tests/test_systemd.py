import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gatewayd.systemd import notify, watchdog_period

UNIT = Path(__file__).parents[1] / "systemd" / "gatewayd.service"
ANALYZE = shutil.which("systemd-analyze")


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
