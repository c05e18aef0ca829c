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


NAMED = sorted({text for page in PAGES for text in re.findall(r"`gatewayd ([^`]+)`", page.read_text())})
"""Commands in the text, in which capital letters stand for what is to be filled in."""


@pytest.mark.parametrize("line", NAMED)
def test_every_command_that_is_named_is_there_with_its_options(line):
    command, words = main, line.replace("|", " ").split()
    if not re.match("[a-z-]", words[0]):
        pytest.skip("any command is meant")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"there is no command {name}"
    known = {option for each in command.get_params(click.Context(command)) for option in each.opts}
    assert {word.rstrip(",;") for word in words if word.startswith("-") and word.strip("-")} <= known | {"-h", "--help"}


TOOLS = sorted(
    {
        text
        for page in PAGES
        for pattern in (r"`((?:make|pytest|python) [^`]+)`", r"^    ((?:make|pytest|python) .+?)(?:  +#.*)?$")
        for text in re.findall(pattern, page.read_text().replace(".venv/bin/", ""), re.MULTILINE)
        if not page.is_relative_to(ROOT / "tests" / "thirdparty") and "examples/plugins" not in str(page)
    }
)
"""Commands for those who have a clone."""
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("line", TOOLS)
def test_every_command_for_a_clone_names_what_is_in_it(line):
    tool, *words = shlex.split(line)
    if tool == "make":
        assert words[0] in TARGETS
        words = " ".join(word.removeprefix("ARGS=") for word in words[1:]).split()
    places = [word.split("::")[0] for word in words if "/" in word and not word.startswith("-")]
    assert [place for place in places if "." not in place.split("/")[0] and not (ROOT / place).exists()] == []
    if "-k" in words:
        wanted = words[words.index("-k") + 1]
        assert any(re.search(rf"def test_\w*{wanted}", (ROOT / place).read_text()) for place in places)


def test_the_readme_links_every_page():
    linked = {ROOT / link for link in LINK.findall((ROOT / "README.md").read_text())}
    assert sorted(set((ROOT / "docs").glob("*.md")) - linked) == []


RELIABILITY = (ROOT / "docs" / "reliability.md").read_text()
PROMISES = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for table in re.findall(r"^\| promise \|.*\n\|[-| ]+\n((?:\|.*\n)+)", RELIABILITY, re.MULTILINE)
    for row in table.splitlines()
]


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[0][:60])
def test_every_promise_has_its_figure_and_one_command(row):
    promise, figure, command = row
    assert promise
    assert figure
    assert command == "the same" or re.match(r"`(make campaign ARGS=|pytest |python benchmarks/)[^`]+`", command)


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
