"""The documentation is held to the code: links lead somewhere, the README's config is right."""

import re
import shlex
from pathlib import Path

import click
import pytest

from gatewayd.cli import main
from gatewayd.config import load

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in ROOT.rglob("*.md") if ".venv" not in path.parts and "build" not in path.parts)
COMMANDS = sorted(
    {line for page in PAGES for line in re.findall(r"^    gatewayd (.*?)(?: && .*)?$", page.read_text(), re.MULTILINE)}
)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_written_as_it_is_understood(line):
    command, arguments = main, shlex.split(line, comments=True)
    while isinstance(command, click.Group):
        name = arguments.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"there is no command {name}"
    config = command.make_context(name, arguments).params.get("config")
    assert config is None or config.suffix == ".toml"


def test_the_first_config_of_the_readme_is_right_and_short(tmp_path):
    (config,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(config.splitlines()) <= 12
    path = tmp_path / "gatewayd.toml"
    path.write_text(config)
    loaded = load(path)
    assert not loaded.problems
    assert list(loaded.sources) == ["pump1"]


def test_the_readme_shows_the_two_commands_first():
    assert re.findall(r"^    (make \w+)", (ROOT / "README.md").read_text(), re.MULTILINE)[:2] == [
        "make demo",
        "make test",
    ]


@pytest.mark.parametrize(
    "plugin", sorted(path for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").exists())
)
def test_every_bundled_plugin_explains_itself_and_its_sample_is_right(plugin, tmp_path):
    readme = (plugin / "README.md").read_text()
    sample = (plugin / "sample.toml").read_text()
    assert readme.startswith(f"# {plugin.name}")
    path = tmp_path / "gatewayd.toml"
    path.write_text('[gateway]\nid = "x"\n[mqtt]\nurl = "mqtt://localhost"\n' + sample)
    assert not load(path).problems
