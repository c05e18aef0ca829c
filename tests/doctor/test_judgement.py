"""What the doctor makes of what it sees: each finding that is no `ok` has a remedy."""

from dataclasses import replace
from pathlib import Path

import pytest

from gatewayd import clock as the_clock
from gatewayd.doctor import Grade, bluetooth, broker, clock, disk, files, ports, service
from gatewayd.timeservice import Voucher
from gatewayd.uplink.mqtt.tls import ConnectFailedError

MB = 1 << 20


def told(check, facts):
    """Grades and texts; what is wrong must come with what to do."""
    findings = list(check.judged(facts))
    assert all(each.remedy for each in findings if each.grade is not Grade.OK)
    return [(str(each.grade), each.what) for each in findings]


KEPT = clock.Facts(1_830_000_000_000_000_000, synchronized=True, voucher=Voucher.TIMEDATED, battery=True)
NO_BATTERY = ("ok", "it has no battery: after a power cut times are known once a time service has answered")


def test_a_clock_that_is_kept():
    assert told(clock, KEPT) == [("ok", "2027-12-28 13:20 UTC, kept by a time service, as systemd-timedated says")]
    assert told(clock, replace(KEPT, battery=False))[1:] == [NO_BATTERY]


def test_a_clock_that_nobody_keeps():
    assert told(clock, replace(KEPT, synchronized=False)) == [
        ("warning", "2027-12-28 13:20 UTC, but no time service keeps it: messages say that it is only set")
    ]
    ((grade, what),) = told(clock, replace(KEPT, synchronized=None, voucher=None))
    assert (grade, "nobody can be asked" in what) == ("warning", True)


def test_a_clock_that_was_never_set_whoever_vouches_for_it():
    assert told(clock, replace(KEPT, wall=the_clock.RELEASED - 1)) == [
        ("problem", "it shows 2026-10-31 23:59 UTC, which is before this gatewayd was made: messages have no times")
    ]


ROOMY = disk.Facts(Path("/state"), "ext4", read_only=False, free=500 * MB, inodes=9, budget=100 * MB, used=60 * MB)


@pytest.mark.parametrize(
    ("change", "grade", "what"),
    [
        ({}, "ok", "/state has 524 MB left; at most 42 MB may yet be written"),
        ({"used": 120 * MB}, "ok", "/state has 524 MB left; at most 0 MB may yet be written"),
        ({"read_only": True}, "problem", "/state is on a read-only file system"),
        ({"free": 20 * MB}, "problem", "/state has 21 MB left"),
        ({"inodes": 0}, "problem", "/state has no inodes left"),
        ({"free": 71 * MB}, "warning", "/state has 74 MB left, of 42 MB that may yet be written"),
        ({"inodes": None}, "ok", "/state has 524 MB left; at most 42 MB may yet be written"),
    ],
)
def test_the_disk(change, grade, what):
    assert told(disk, replace(ROOMY, **change)) == [(grade, what)]


def test_a_state_folder_in_memory():
    assert told(disk, replace(ROOMY, kind="tmpfs"))[1:] == [
        ("warning", "/state is in memory (tmpfs): a reboot loses all that waits")
    ]


SOUND = files.Facts("gatewayd", (), Path("/state"), 0o700, writable=True, damaged=())


@pytest.mark.parametrize(
    ("change", "grade", "what"),
    [
        ({}, "ok", "gatewayd can read the config and write /state"),
        ({"mode": None}, "ok", "gatewayd can read the config and write /state"),
        ({"unreadable": (Path("/x.toml"),)}, "problem", "/x.toml cannot be read by gatewayd"),
        ({"writable": False}, "problem", "the state folder /state cannot be written by gatewayd"),
        (
            {"writable": False, "mode": None},
            "problem",
            "the state folder /state is not there and cannot be made by gatewayd",
        ),
        ({"mode": 0o755}, "warning", "others may look into the state folder /state (mode 755)"),
        ({"mode": 0o777}, "warning", "others may write the state folder /state (mode 777)"),
        ({"mode": 0o770}, "warning", "others may write the state folder /state (mode 770)"),
    ],
)
def test_files(change, grade, what):
    assert told(files, replace(SOUND, **change)) == [(grade, what)]


def test_damage_that_was_set_aside():
    damaged = (Path("/state/outbox.db.damaged-1"), Path("/state/outbox.db.damaged-2"))
    assert told(files, replace(SOUND, damaged=damaged))[1:] == [
        ("warning", "damage was set aside in /state: outbox.db.damaged-1, outbox.db.damaged-2")
    ]


STABLE = {"/dev/ttyUSB0": "/dev/serial/by-id/usb-FTDI"}
PORT = ports.Facts("/dev/ttyS0", True, True, "gatewayd", "dialout", (), STABLE)


@pytest.mark.parametrize(
    ("change", "grade", "what"),
    [
        ({}, "ok", "/dev/ttyS0 is there, and gatewayd may open it"),
        ({"there": False}, "problem", "/dev/ttyS0 is not there"),
        ({"there": False, "stable": {}}, "problem", "/dev/ttyS0 is not there"),
        ({"accessible": False}, "problem", "/dev/ttyS0 cannot be opened by gatewayd"),
        (
            {"holders": ("ModemManager (process 7)",)},
            "problem",
            "/dev/ttyS0 is also used by ModemManager (process 7)",
        ),
        ({"path": "/dev/ttyUSB0"}, "warning", "/dev/ttyUSB0 may get another number when it is plugged in again"),
    ],
)
def test_serial_ports(change, grade, what):
    assert told(ports, replace(PORT, **change)) == [(grade, what)]


def test_a_port_that_is_not_there_is_answered_with_those_that_are():
    (finding,) = ports.judged(replace(PORT, there=False))
    assert finding.remedy == "name one of these: /dev/serial/by-id/usb-FTDI"


RADIO = bluetooth.Facts(("hci0",), ("hci0", "hci1"), ("hci1",), bus=True, daemon=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, [("ok", "hci0 is there, and bluetoothd runs")]),
        ({"wanted": ()}, []),
        ({"wanted": ("hci1",)}, [("problem", "hci1 is switched off (rfkill)")]),
        ({"wanted": ("hci2",)}, [("problem", "there is no adapter hci2")]),
        ({"daemon": False}, [("problem", "bluetoothd does not run")]),
        ({"bus": False, "daemon": False}, [("problem", "the D-Bus does not run")]),
    ],
)
def test_bluetooth(change, says):
    assert told(bluetooth, replace(RADIO, **change)) == says


REACHED = broker.Facts("mqtt.example.com:8883", plain=False, failure=None, running=False)


def test_a_broker_that_lets_us_in():
    assert told(broker, REACHED) == [("ok", "mqtt.example.com:8883: it lets us in")]
    assert told(broker, replace(REACHED, running=True)) == [
        ("ok", "mqtt.example.com:8883: the running gateway is connected")
    ]


def test_a_broker_on_the_network_without_tls():
    assert told(broker, replace(REACHED, broker="10.0.0.1:1883", plain=True))[1:] == [
        ("warning", "10.0.0.1:1883 is spoken to without TLS")
    ]
    assert len(told(broker, replace(REACHED, broker="127.0.0.1:1883", plain=True))) == 1


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        (
            str(ConnectFailedError("refused", "look at the port; then at the broker")),
            "look at the port; then at the broker",
        ),
        ("the moon is in the way", "see docs/troubleshooting.md, the broker"),
    ],
)
def test_a_failure_of_the_broker_comes_with_the_remedy_that_it_names(failure, remedy):
    (finding,) = broker.judged(replace(REACHED, failure=failure))
    assert (finding.grade, finding.remedy) == (Grade.PROBLEM, remedy)


ACTIVE = {
    "LoadState": "loaded",
    "UnitFileState": "enabled",
    "ActiveState": "active",
    "NRestarts": "0",
    "ExecMainStatus": "0",
    "NeedDaemonReload": "no",
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, [("ok", "it is active")]),
        (
            {"LoadState": "not-found"},
            [("warning", "there is no unit gatewayd.service: nobody starts gatewayd after a power cut")],
        ),
        (
            {"UnitFileState": "disabled", "ActiveState": "inactive"},
            [("warning", "it is disabled: it is not started at boot"), ("warning", "it is inactive")],
        ),
        ({"ActiveState": "failed"}, [("problem", "it has failed")]),
        (
            {"NRestarts": "3"},
            [("warning", "it is active, but was started again 3 times after it had ended by itself")],
        ),
        ({"NeedDaemonReload": "yes"}, [("ok", "it is active"), ("warning", "its unit was changed since")]),
    ],
)
def test_the_service(change, says):
    assert told(service, {**ACTIVE, **change}) == says


def test_a_config_that_cannot_be_used_has_its_own_remedy():
    (finding,) = service.judged({**ACTIVE, "ActiveState": "failed", "ExecMainStatus": "78"})
    assert finding.remedy.startswith("gatewayd check")


def test_a_machine_without_systemd():
    assert told(service, {})[0][0] == "ok"
