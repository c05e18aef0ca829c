"""`gatewayd plugin new NAME` writes a package; that it passes its own tests is seen in `test_example_plugins.py`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gatewayd.cli import main
from gatewayd.scaffold import ScaffoldError, project, write


def invoke(*args):
    return CliRunner().invoke(main, ["plugin", "new", *map(str, args)])


def test_the_command_says_what_to_do_next(tmp_path):
    result = invoke("tank", "--into", tmp_path)
    assert f"cd {tmp_path / 'gatewayd-tank'}" in result.output
    assert "pip install -e '.[test]'" in result.output


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Tank", "use small letters"),
        ("my-tank", "use small letters"),
        ("import", "use small letters"),
        ("tank_", "use small letters"),
        ("../tank", "use small letters"),
        ("modbus", "is installed already"),
        ("ext", "would be the module gatewayd_ext, which is a part of gatewayd"),
        ("plugins", "would be the module gatewayd_plugins"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(tmp_path, name, says):
    result = invoke(name, "--into", tmp_path)
    assert result.exit_code == 1
    assert f"plugin {name!r}" in result.output
    assert says in result.output
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path):
    write("tank", tmp_path)
    with pytest.raises(ScaffoldError, match="is there already; remove it"):
        write("tank", tmp_path)


@pytest.mark.parametrize(
    ("name", "into", "says"),
    [
        ("a" * 300, ".", "File name too long"),
        ("tank", "file", "Not a directory"),
        ("tank", "/proc", "cannot be written"),
    ],
)
def test_a_project_that_cannot_be_written_is_told_in_words(tmp_path, monkeypatch, name, into, says):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with pytest.raises(ScaffoldError, match=says):
        write(name, Path(into))


@pytest.mark.parametrize("name", ["sample", "channel", "source_error", "none", "true", "match"])
def test_a_name_that_python_or_the_interface_has_for_something_else_makes_a_class_that_works(name):
    namespace = {}
    exec(project(name)[f"gatewayd_{name}.py"], namespace)
    registered = {}
    namespace["register_sources"](registered.__setitem__)
    (declared,) = registered[name]("localhost").declare()
    assert declared.name == "level"


def test_no_template_is_left_over_in_a_project():
    for path, text in project("oil_level").items():
        assert "$" not in path + text
        assert not path.endswith(".txt")
