"""What the pages of the plugin show is what it understands."""

import re
import tomllib
from pathlib import Path

import pytest
from modbus_source import configured

from gatewayd_plugins.modbus.fields.numbers import NumberType

FOLDER = Path(__file__).parents[3] / "plugins/modbus"
PAGES = [FOLDER / "README.md", FOLDER / "waveforms.md"]
BLOCKS = [
    (page.name, tomllib.loads(block))
    for page in PAGES
    for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
]


@pytest.mark.parametrize("block", [block for _, block in BLOCKS], ids=[name for name, _ in BLOCKS])
def test_every_example_is_understood(block):
    named = {name: each for name, each in block.items() if isinstance(each, dict) and "register" in each}
    texts = block.get("sources", {}).get("pump1", {}).get("texts", {})
    assert named or texts or "url" in block
    source = configured(channels=named or {"any": "holding:0"}, texts=texts)
    assert source.polls(60.0)


def test_every_type_is_explained():
    readme = PAGES[0].read_text()
    assert [each for each in NumberType if f"`{each}`" not in readme] == []
