"""The operators' commands as people type them, against a socket with an engine behind it."""

import asyncio
import json
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from desk import Desk
from small_engine import rule
from watched_engine import watched

from gatewayd.cli import main
from gatewayd.control.door import serving
from gatewayd.evidence import kept
from gatewayd.state.places import EVIDENCE, SOCKET

HIGH = rule("above", high=5.0, name="high", latch=True, asset="pump1")
LOW = rule("below", "flow", low=1.0, name="low", gate="running")


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "gatewayd.toml"
    path.write_text('[gateway]\nid = "g"\nstate_dir = "state"\n')
    (tmp_path / "state").mkdir()
    return path


@contextmanager
def served(desk, config):
    """A loop of its own answers, as the daemon would."""
    ready, done = threading.Event(), threading.Event()

    async def serve():
        async with serving(config.parent / "state" / SOCKET, desk.commands):
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture
def desk(config):
    desk = Desk(HIGH, LOW)
    desk.engine.poll(10, pressure=9.0, flow=2.0, running=1.0)
    desk.now = 75.0
    with served(desk, config):
        yield desk


def gatewayd(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_alarms_are_listed_in_columns(desk, config):
    result = gatewayd("alarm", "list", config)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "alarm  severity  state   raised         why",
        "high   warning   raised  1 min 5 s ago  pump1.pressure: 9 bar, above 5 bar",
    ]


def test_what_machines_read_has_everything(desk, config):
    answer = json.loads(gatewayd("alarm", "list", config, "--json").output)
    assert answer["alarms"][0]["rule"] == "high"
    assert answer.keys() == {"alarms", "shelved", "suspended"}


def test_an_alarm_is_acknowledged_by_whoever_is_logged_in(desk, config, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "anna")
    assert "acknowledged by anna" in gatewayd("alarm", "ack", "high", config).output
    assert desk.fed[0].by == "anna"


def test_an_order_can_be_given_for_somebody_else_with_a_reason(desk, config):
    assert gatewayd("alarm", "shelve", "high", config, "--for", "2h", "--by", "ben", "--why", "cleaning").exit_code == 0
    assert (desk.fed[0].by, desk.fed[0].why, desk.fed[0].lasting) == ("ben", "cleaning", 7200 * 10**9)
    assert "shelved" in gatewayd("alarm", "list", config).output


def test_what_is_refused_is_said_and_fails(desk, config):
    result = gatewayd("alarm", "ack", "hgih", config)
    assert result.exit_code == 1
    assert 'Error: no rule is called "hgih"; did you mean "high"?' in result.output


@pytest.mark.parametrize("duration", ["2", "soon", "-1h", ""])
def test_a_length_of_time_needs_its_unit(desk, config, duration):
    result = gatewayd("alarm", "shelve", "high", config, "--for", duration)
    assert result.exit_code == 2
    assert 'write it as "500ms"' in result.output
    assert not desk.fed


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1e999", "much"])
def test_only_a_number_can_be_written(desk, config, value):
    result = gatewayd("write", "pump1.setpoint", value, config)
    assert result.exit_code == 2
    assert f"Invalid value for 'VALUE': {value!r} is not a valid number." in result.output


def test_assets_are_put_into_maintenance_and_out_of_it(desk, config):
    assert "does not judge" in gatewayd("maintenance", "on", "pump1", config, "--for", "2h").output
    lines = gatewayd("maintenance", "list", config).output.splitlines()
    assert lines[0].split() == ["asset", "maintenance", "sources"]
    assert lines[1].startswith("pump1  since ")
    assert gatewayd("maintenance", "off", "pump1", config).output == "pump1 is judged again\n"
    assert gatewayd("maintenance", "list", config).output.splitlines()[1].split() == ["pump1", "no", "pump1"]


def test_a_config_without_models_is_told_so(desk, config):
    assert gatewayd("model", "status", config).output == "the config has no models\n"
    assert gatewayd("model", "card", "x", config).exit_code == 1


def test_without_a_daemon_it_is_said_where_it_was_looked_for(config):
    result = gatewayd("alarm", "list", config)
    assert result.exit_code == 1
    assert f"no control socket at {config.parent}/state/control.sock" in result.output


@pytest.fixture
def past(config):
    async def happen():
        async with watched(config.parent / "state" / EVIDENCE, HIGH, LOW) as engine:
            engine.polls([1.0] * 5 + [9.0] * 10, flow=2.0, running=1.0)
            engine.order(20, "ack", "high")
            engine.polls([1.0, 9.0], start=30.0, flow=0.5, running=1.0)
        return engine

    return asyncio.run(happen())


def test_alarms_of_the_past_are_listed_while_no_gateway_runs(past, config):
    lines = gatewayd("alarm", "history", config).output.splitlines()
    assert lines[0].split() == ["id", "alarm", "raised", "why"]
    assert [line.split()[1] for line in lines[1:]] == ["high", "low", "high"]
    assert len(gatewayd("alarm", "history", config, "--last", "1").output.splitlines()) == 2


def test_a_damaged_file_does_not_hide_the_other_alarms_of_the_past(past, config):
    spoilt = kept(past.folder)[1].path
    spoilt.write_bytes(b"")
    result = gatewayd("alarm", "history", config)
    assert result.exit_code == 0
    assert f"left out: {spoilt}" in result.stderr
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["high", "high"]
    assert len(json.loads(gatewayd("alarm", "history", config, "--json").stdout)) == 2


def test_the_last_alarm_of_a_rule_or_one_by_its_id_is_shown(past, config):
    ids = [each["alarm"]["id"] for each in past.files()]
    shown = gatewayd("alarm", "show", "high", config)
    assert shown.exit_code == 0, shown.output
    assert f"id {ids[2]}" in shown.output
    assert "rule: pump1.pressure above 5 bar, it was 9 bar" in shown.output
    assert f"id {ids[0]}" in gatewayd("alarm", "show", ids[0][:6], config).output
    assert json.loads(gatewayd("alarm", "show", "low", config, "--json").output)["alarm"]["id"] == ids[1]


def test_evidence_is_written_as_files_that_can_be_replayed(past, config, tmp_path):
    gatewayd("alarm", "show", "low", config, "--export", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"evidence.json", "values.csv"}
    gatewayd("alarm", "show", "low", config, "--export", tmp_path / "one.zip")
    assert (tmp_path / "one.zip").read_bytes().startswith(b"PK")


def test_evidence_that_is_not_there_is_said_to_be_missing(past, config, tmp_path):
    result = gatewayd("alarm", "show", "hihg", config)
    assert result.exit_code == 1
    assert 'did you mean "high"?' in result.output
    other = tmp_path / "other.toml"
    other.write_text('[gateway]\nid = "g"\nstate_dir = "nowhere"\n')
    assert "there is no evidence at" in gatewayd("alarm", "history", other).output
