"""The examples and the configs in the docs are right, as they are."""

import re
from pathlib import Path

import pytest
from config_files import BASE, HEAD, SOURCE, load, write

from gatewayd.engine.engine import Engine

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted([*ROOT.glob("examples/*.toml"), *ROOT.glob("examples/*/gatewayd.toml")])
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
FEATURES = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
CHANNELS = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE + FEATURES + CHANNELS + README, re.DOTALL)


@pytest.fixture(autouse=True)
def password(tmp_path, monkeypatch):
    write(tmp_path, "geheim", "credentials/mqtt.password").chmod(0o600)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT / "examples")))
def test_an_example_is_right_and_the_engine_takes_it(path):
    config = load(path)
    assert config.problems == ()
    Engine(config.plan, "boot")


def test_the_files_in_conf_d_of_an_example_are_read():
    assert list(load(ROOT / "examples/several-pumps/gatewayd.toml").sources) == ["pump1", "pump2"]


def whole(block):
    """A block of the docs with what it leaves out."""
    if "[sources" not in block:
        block = SOURCE + 'burst = "10s"\n' + block
    missing = [section for section in HEAD.split("[") if section and f"[{section.partition(']')[0]}]" not in block]
    return "".join(f"[{section}" for section in missing) + block


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_a_config_in_the_docs_is_right(tmp_path, block):
    config = load(write(tmp_path, whole(block)))
    assert config.problems == ()


def test_the_first_config_in_the_docs_is_complete_and_short(tmp_path):
    assert load(write(tmp_path, BLOCKS[0])).problems == ()
    assert len(BLOCKS[0].strip().split("\n")) <= 12


def test_every_key_that_there_is_is_in_the_docs():
    from gatewayd.config.keys import keys
    from gatewayd.config.settings import Settings

    tables = [key.shape.inner[1].kind if key.shape.inner else key.shape.kind for key in keys(Settings).values()]
    names = {name for table in tables for name in keys(table)} - {"password", "options"}
    assert {name for name in names if not re.search(rf"`{name}[` ]", PAGE)} == set()


def test_the_errors_shown_in_the_docs_are_what_is_said(tmp_path):
    wrong, said = re.search(r"```text\n(.*?)```.*?```text\n(.*?)```", PAGE, re.DOTALL).groups()
    from config_files import problems

    assert problems(tmp_path, wrong) == said.strip().split("\n")


def test_the_base_of_the_tests_is_itself_right(tmp_path):
    assert load(write(tmp_path, BASE)).problems == ()
