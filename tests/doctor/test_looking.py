"""What the doctor sees on a real machine, with files, ports and brokers of ours."""

import asyncio
import json
import os
import socket
import subprocess

import pytest
from click.testing import CliRunner
from fake_broker import broker_that_says
from ports import free_port as port_of_nobody

from gatewayd.cli import main
from gatewayd.config import load
from gatewayd.control.door import serving
from gatewayd.doctor import Grade, bluetooth, clock, disk, doctor, examined, files, ports, service
from gatewayd.doctor.user import User
from gatewayd.state.folder import held

CONFIG = """\
[gateway]
id = "site"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:{port}"
[sources.pump]
plugin = "simulator"
"""
NOT_AUTHORIZED = bytes([0x20, 3, 0, 0x87, 0])
BAD_PASSWORD = bytes([0x20, 3, 0, 0x86, 0])
OTHER_VERSION = bytes([0x20, 3, 0, 0x84, 0])
WELCOME = bytes([0x20, 3, 0, 0, 0])


@pytest.fixture
def config(tmp_path, free_port):
    path = tmp_path / "gatewayd.toml"
    path.write_text(CONFIG.format(port=free_port))
    return path


@pytest.fixture
def free_port():
    """A port where nobody listens."""
    return port_of_nobody()


def of(check, path):
    return [(str(each.grade), each.what) for each in examined(path) if each.check == check]


def test_a_broker_that_is_not_there_is_a_problem_and_the_rest_is_looked_at_all_the_same(config, free_port):
    assert of("broker", config) == [
        ("problem", f"127.0.0.1:{free_port}: refused: nothing listens at 127.0.0.1:{free_port}")
    ]
    checks = [each.check for each in examined(config)]
    assert list(dict.fromkeys(checks)) == ["config", "clock", "service", "files", "disk", "broker"]


async def test_a_gateway_that_runs_is_asked_and_nobody_connects_beside_it(config):
    state = config.parent / "state"
    state.mkdir(mode=0o700)
    uplink = {"connected": True, "last_error": ""}
    async with serving(state / "control.sock", {"status": lambda _: {"uplink": uplink}}):
        ((grade, what),) = await asyncio.to_thread(of, "broker", config)
        assert (grade, what.endswith("the running gateway is connected")) == ("ok", True)
        uplink.update(connected=False, last_error="not authorised")
        ((grade, what),) = await asyncio.to_thread(of, "broker", config)
        assert (grade, what.endswith("not authorised")) == ("problem", True)


def test_a_gateway_that_does_not_answer_is_not_pushed_off_the_broker(config):
    with held(config.parent / "state"), socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(config.parent / "state" / "control.sock"))
        ((grade, what),) = of("broker", config)
    assert (grade, what.startswith("a gateway runs, but cannot be asked")) == ("warning", True)


async def test_the_socket_that_one_has_left_is_not_taken_for_one_that_runs(config):
    (config.parent / "state").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(config.parent / "state" / "control.sock"))
    async with broker_that_says(WELCOME) as port:
        config.write_text(CONFIG.format(port=port))
        assert await asyncio.to_thread(of, "broker", config) == [("ok", f"127.0.0.1:{port}: it lets us in")]


async def test_a_gateway_that_has_no_socket_is_not_pushed_off_the_broker_either(config):
    with held(config.parent / "state"):
        async with broker_that_says(WELCOME) as port:
            config.write_text(CONFIG.format(port=port))
            ((grade, what),) = await asyncio.to_thread(of, "broker", config)
    assert grade == "warning"
    assert what.startswith("a gateway runs, but cannot be asked: it has no control socket at")
    assert str(config.parent / "state" / "control.sock") in what


def test_a_file_that_vanishes_while_it_is_counted_counts_for_nothing(config, monkeypatch):
    state = config.parent / "state"
    state.mkdir(mode=0o700)
    (state / "stays").write_bytes(bytes(5000))
    found = [(str(state), [], ["gone", "stays"])]
    monkeypatch.setattr("gatewayd.state.storage.os.walk", lambda _: found)
    assert disk.look(state, load(config).settings).used == 8192


@pytest.mark.parametrize(
    ("answer", "grade", "remedy"),
    [
        (WELCOME, "ok", ""),
        (NOT_AUTHORIZED, "problem", "check username, password_file and the broker's access rules"),
        (BAD_PASSWORD, "problem", "check username and password_file in [mqtt]"),
        (OTHER_VERSION, "problem", 'it may need protocol = "3.1.1" in the table [mqtt]'),
    ],
)
async def test_without_a_gateway_the_doctor_logs_in_itself(config, answer, grade, remedy):
    async with broker_that_says(answer) as port:
        config.write_text(CONFIG.format(port=port))
        found = await asyncio.to_thread(lambda: list(examined(config)))
    assert [(str(each.grade), each.remedy) for each in found if each.check == "broker"] == [(grade, remedy)]


def test_a_config_that_is_wrong_is_told_and_the_machine_is_looked_at(tmp_path):
    path = tmp_path / "gatewayd.toml"
    path.write_text("[gateway]\n")
    findings = list(examined(path))
    assert findings[0].grade is Grade.PROBLEM
    assert findings[0].what.startswith(f"{path}:")
    assert {each.check for each in findings} == {"config", "clock", "service"}


def test_without_a_config_the_machine_alone_is_looked_at():
    first, *rest = examined(None)
    assert (first.check, first.grade) == ("config", Grade.WARNING)
    assert {each.check for each in rest} == {"clock", "service"}


def test_what_may_not_be_looked_at_is_a_finding(monkeypatch, config):
    def forbidden(*_):
        raise PermissionError(13, "Permission denied", "/state")

    monkeypatch.setattr(files, "look", forbidden)
    assert of("files", config) == [("warning", "cannot be looked at: [Errno 13] Permission denied: '/state'")]


def test_the_command_fails_when_there_is_a_problem_and_not_for_warnings(config, monkeypatch):
    def run(*arguments):
        return CliRunner().invoke(main, ["doctor", *map(str, arguments)])

    result = run(config)
    assert result.exit_code == 1
    assert "\nproblem  broker: " in result.output
    assert "\n         -> check the port" in result.output
    told = json.loads(run(config, "--json").output)
    assert {"check", "grade", "what", "remedy"} == told[0].keys()
    monkeypatch.setattr(
        "gatewayd.doctor.examined", lambda _: [each for each in examined(config) if each.check == "clock"]
    )
    assert run(config).exit_code == 0


def test_this_machine_can_be_looked_at(config):
    assert clock.look().wall > 0
    assert service.look().keys() <= set(service.ASKED)
    assert set(bluetooth.look(()).blocked) <= set(bluetooth.look(()).there)
    facts = disk.look(config.parent / "state", load(config).settings)
    assert (facts.folder, facts.used) == (config.parent, 0)
    assert facts.free > 0 < facts.budget
    assert facts.kind


def test_what_the_state_takes_already_counts(config):
    state = config.parent / "state"
    state.mkdir()
    (state / "outbox.db").write_bytes(b"x" * 100_000)
    assert disk.look(state, load(config).settings).used >= 100_000


ME = User("me", 1000, frozenset({1000, 20}))


def owned(path, uid, gid, mode):
    os.chown(path, uid, gid)
    path.chmod(mode)
    return path


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("uid", "gid", "mode", "may"),
    [
        (1000, 0, 0o600, True),
        (1000, 0, 0o066, False),
        (0, 20, 0o660, True),
        (0, 20, 0o606, False),
        (0, 0, 0o606, True),
        (0, 0, 0o660, False),
    ],
)
def test_who_may_what(tmp_path, uid, gid, mode, may):
    path = owned(tmp_path, uid, gid, mode)
    assert ME.may(path, os.R_OK | os.W_OK) is may
    assert User("root", 0, frozenset()).may(path, os.R_OK | os.W_OK)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_files_are_judged_as_the_service_will_find_them(tmp_path, monkeypatch):
    tmp_path.chmod(0o755)
    monkeypatch.setattr(User, "reaches", User.may)  # folders above are pytest's
    config = owned_file(tmp_path / "gatewayd.toml", 0, 0, 0o640)
    assert files.look(ME, [config, tmp_path / "none"], tmp_path / "state").unreadable == (config,)
    os.chown(config, 0, 20)
    facts = files.look(ME, [config], tmp_path / "state")
    assert (facts.unreadable, facts.mode, facts.writable) == ((), None, False)
    state = tmp_path / "state"
    state.mkdir()
    owned(state, 1000, 1000, 0o700)
    (state / "outbox.db.damaged-1").touch()
    facts = files.look(ME, [config], state)
    assert (facts.mode, facts.writable, [path.name for path in facts.damaged]) == (0o700, True, ["outbox.db.damaged-1"])


def owned_file(path, uid, gid, mode):
    path.touch()
    return owned(path, uid, gid, mode)


def test_a_port_that_another_program_holds_is_told_with_its_name():
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    holder = subprocess.Popen(["sleep", "60"], stdin=theirs)
    try:
        (facts,) = ports.look([name], User("root", 0, frozenset()))
        assert (facts.there, facts.accessible) == (True, True)
        assert f"sleep (process {holder.pid})" in facts.holders
    finally:
        holder.kill()
        holder.wait()
        os.close(ours)
        os.close(theirs)


def test_a_port_that_is_not_there_is_seen():
    (facts,) = ports.look(["/dev/ttyNONE"], ME)
    assert (facts.there, facts.accessible, facts.holders) == (False, False, ())


def test_ports_and_adapters_are_those_that_lines_name():
    keys = ["rtu:/dev/ttyUSB0", "tcp:10.0.0.5:502", "ble:hci1", "/dev/serial/by-id/x?baudrate=1", "rtu:/dev/ttyUSB0"]
    assert doctor._named(doctor._PORT, keys) == ["/dev/serial/by-id/x", "/dev/ttyUSB0"]
    assert doctor._named(doctor._ADAPTER, keys) == ["hci1"]


def test_files_that_systemd_hands_over_need_not_be_readable(config, monkeypatch):
    unit = "[Service]\nLoadCredential=mqtt.password:/etc/x\n# LoadCredential=other:/etc/y\nSetCredential=a:b\n"
    monkeypatch.setattr(service, "_systemctl", lambda *_: unit)
    assert service.credentials() == {"mqtt.password", "a"}
    (config.parent / "mqtt.password").write_text("secret")
    (config.parent / "mqtt.password").chmod(0o600)
    table = 'url = "mqtt://127.0.0.1"\nusername = "me"\npassword_file = '
    for name, readable in (("mqtt.password", [config]), ("other", [config, config.parent / "other"])):
        (config.parent / name).write_text("secret")
        config.write_text(f'[gateway]\nid = "s"\n[sources.p]\nplugin = "simulator"\n[mqtt]\n{table}"{name}"\n')
        assert list(doctor._to_read(load(config))) == readable
