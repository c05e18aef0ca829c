"""What a shell proposes, and which config is meant when none is named."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from config_files import BASE, write

from gatewayd import config
from gatewayd.cli import asking, completing, group, main

SITE = (
    BASE
    + '[rules.overpressure]\nchannel = "pump1.pressure"\nabove = 6\n[rules.dry]\nchannel = "pump1.flow"\nbelow = 1\n'
    + '[models.pump1]\nchannels = ["pump1.*"]\nlearn = "24h"\n[assets.unit]\nsources = ["pump1"]\n'
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gatewayd" / "channels.json"


@pytest.fixture
def site(tmp_path, monkeypatch):
    path = write(tmp_path, SITE)
    monkeypatch.setenv("GATEWAYD_CONFIG", str(path))
    return path


def proposed(*words):
    *before, begun = words
    shell = ShellComplete(main, {}, "gatewayd", "_GATEWAYD_COMPLETE")
    return [each.value for each in shell.get_completions(before, begun)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("expl",), ["explain"]),
        (("explain", "pump1.p"), ["pump1.power", "pump1.pressure"]),
        (("explain", "heal"), ["health.pump1", "health.pump1.change"]),
        (("explain", "rules."), ["rules.dry", "rules.overpressure"]),
        (("explain", "over"), ["overpressure"]),
        (("write", "pump1.f"), ["pump1.flow"]),
        (("alarm", "ack", "o"), ["overpressure"]),
        (("alarm", "shelve", ""), ["dry", "overpressure"]),
        (("model", "card", ""), ["pump1"]),
        (("maintenance", "on", ""), ["pump1", "unit"]),
        (("sample", "mod"), ["modbus"]),
        (("check", "--h"), ["--help"]),
    ],
)
def test_names_are_completed(site, words, expected):
    assert proposed(*words) == expected


@pytest.fixture
def readings(monkeypatch):
    """How often a config was read as a whole."""
    count = []
    load = config.load
    monkeypatch.setattr(config, "load", lambda *given, **more: count.append(given) or load(*given, **more))
    return count


def test_channels_are_remembered_until_a_file_changes(site, readings):
    assert proposed("explain", "pump1.f") == proposed("write", "pump1.f") == ["pump1.flow"]
    assert len(readings) == 1
    write(site.parent, SITE + '[calculated.twice]\nformula = "pump1.flow * 2"\n')
    assert proposed("explain", "calculated.t") == ["calculated.twice"]
    write(site.parent, '[totals.water]\nchannel = "pump1.flow"\nper = "1m"\n', "conf.d/totals.toml")
    assert "total.water" in proposed("explain", "total")
    assert len(readings) == 3


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"of": 1}', "null", '{"of'])
def test_what_is_remembered_may_be_spoilt(site, cache, content):
    assert proposed("write", "pump1.f") == ["pump1.flow"]
    cache.write_text(content)
    assert proposed("write", "pump1.f") == ["pump1.flow"]


def test_channels_are_proposed_where_nothing_can_be_remembered(site, cache):
    cache.parent.parent.write_text("no folder")
    assert proposed("write", "pump1.f") == ["pump1.flow"]


def test_commands_of_plugins_are_proposed_without_being_loaded(monkeypatch):
    monkeypatch.setattr(group, "_points", lambda: [EntryPoint("probably", "no_such_module:command", group.COMMANDS)])
    assert proposed("pro") == ["probably"]
    assert proposed("--v") == ["--version"]


def test_tables_of_files_beside_are_completed(site):
    write(site.parent, '[rules.wet]\nchannel = "pump1.flow"\nabove = 100\n', "conf.d/rules.toml")
    write(site.parent, "nonsense", "conf.d/.rules.toml")
    assert proposed("alarm", "ack", "") == ["dry", "overpressure", "wet"]


def test_nothing_is_proposed_where_there_is_no_right_config(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEWAYD_CONFIG", str(tmp_path / "none.toml"))
    assert proposed("explain", "p") == proposed("alarm", "ack", "") == []
    monkeypatch.setenv("GATEWAYD_CONFIG", str(write(tmp_path, "[gateway\n")))
    assert proposed("explain", "p") == proposed("alarm", "ack", "") == []
    write(tmp_path, "rules = 7\n")
    assert proposed("alarm", "ack", "") == []


def test_the_usual_config_is_meant_where_the_environment_names_none(tmp_path, monkeypatch):
    path = write(tmp_path, SITE)
    monkeypatch.delenv("GATEWAYD_CONFIG", raising=False)
    monkeypatch.setattr(completing, "USUAL_CONFIG", path)
    assert proposed("alarm", "ack", "d") == ["dry"]
    assert str(asking.USUAL_CONFIG) == "/etc/gatewayd/gatewayd.toml"


def test_the_environment_names_the_config(site):
    assert CliRunner().invoke(main, ["check"]).output.startswith(f"{site}: all right: ")
    explained = CliRunner().invoke(main, ["explain", "pump1.pressure"])
    assert "[rules.overpressure] gatewayd.toml:7: warning alarm when above 6" in explained.output


def test_a_config_that_is_named_comes_first(site, tmp_path):
    other = write(tmp_path, BASE, "other/gatewayd.toml")
    assert CliRunner().invoke(main, ["check", str(other)]).output.startswith(f"{other}: all right: ")


def test_a_table_is_explained_too(site):
    result = CliRunner().invoke(main, ["explain", "rules.dry"])
    assert result.output.startswith("[rules.dry] gatewayd.toml:10: warning alarm when below 1\n\ncomes from\n")


def test_a_channel_that_is_not_there_is_told(site):
    result = CliRunner().invoke(main, ["explain", "pump1.presure"])
    assert (result.exit_code, result.output) == (
        1,
        'Error: nothing is called "pump1.presure"; did you mean "pump1.pressure"?\n',
    )


def test_the_lineage_in_the_docs_is_what_is_told(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "editing.md").read_text(encoding="utf-8")
    config, told = re.search(r"```toml\n(.*?)```.*?```text\n(.*?)```", page, re.DOTALL).groups()
    path = write(tmp_path, config)
    assert CliRunner().invoke(main, ["explain", "pump1.pressure", str(path)]).output == told


def test_every_variable_that_is_read_is_in_the_docs():
    root = Path(__file__).parents[2]
    read = (
        r"""environ(?:\.get\(|\[)\s*"([A-Z_]+)"|"([A-Z_]+)" in os\.environ|envvar="([A-Z_]+)"|VARIABLE = "([A-Z_]+)\""""
    )
    modules = [path for path in (root / "gatewayd").rglob("*.py") if "testing" not in path.parts]
    text = "".join(path.read_text(encoding="utf-8") for path in modules)
    found = {name for names in re.findall(read, text) for name in names if name}
    page = (root / "docs" / "editing.md").read_text(encoding="utf-8")
    assert "GATEWAYD_CONFIG" in found
    assert {name for name in found if f"`{name}`" not in page} - {"TERM", "ESCDELAY"} == set()


def test_samples_and_the_schema_are_printed():
    import json

    assert "[outbox]" in CliRunner().invoke(main, ["sample"]).output
    assert 'plugin = "modbus"' in CliRunner().invoke(main, ["sample", "modbus"]).output
    assert "did you mean" in CliRunner().invoke(main, ["sample", "modbs"]).output
    whole, part = (json.loads(CliRunner().invoke(main, ["schema", *each]).output) for each in ((), ("--part",)))
    assert whole["required"] == ["gateway", "mqtt", "sources"]
    assert "required" not in part


def test_a_lineage_is_for_machines_too(site):
    import json

    told = json.loads(CliRunner().invoke(main, ["explain", "health.pump1", "--json"]).output)
    assert told["from"]["table"] == "[models.pump1]"


def test_a_check_names_all_files_that_were_read(tmp_path):
    path = write(tmp_path, BASE)
    write(tmp_path, '[summary]\nevery = "5m"\n', "conf.d/b.toml")
    write(tmp_path, '[rules.r]\nchannel = "pump1.flow"\nbelow = 1\n', "conf.d/a.toml")
    write(tmp_path, "nothing", "conf.d/a.toml.bak")
    output = CliRunner().invoke(main, ["check", str(path)]).output
    assert output.startswith(f"{path} with conf.d/a.toml, conf.d/b.toml: all right: 1 source")


def test_a_check_without_secrets_is_for_other_machines(tmp_path):
    path = write(tmp_path, BASE.replace("[sources", 'password_file = "mqtt.password"\n[sources', 1))
    assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 78
    assert CliRunner().invoke(main, ["check", "--offline", str(path)]).exit_code == 0
