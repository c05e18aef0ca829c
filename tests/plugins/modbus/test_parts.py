"""The parts of the plugin know only those that the architecture's table has above them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "plugins/modbus"
TABLE = re.findall(
    r"^\| `(\w+)/` \|", (ROOT / "docs/architecture.md").read_text().split("### The plugin modbus")[1], re.MULTILINE
)


def imported(file):
    """The parts, or modules beside them, that a module imports from."""
    return set(re.findall(r"gatewayd_plugins\.modbus\.(\w+)", file.read_text()))


def test_every_part_is_in_the_table():
    assert sorted(TABLE) == sorted(each.parent.name for each in PLUGIN.glob("*/__init__.py"))


def test_a_part_knows_only_what_is_above_it():
    for n, part in enumerate(TABLE[:-1]):
        for file in (PLUGIN / part).glob("*.py"):
            assert imported(file) <= set(TABLE[: n + 1]), file.name


def test_only_the_wire_knows_pymodbus():
    users = {
        file.parent.name
        for file in PLUGIN.rglob("*.py")
        if re.search(r"^from pymodbus", file.read_text(), re.MULTILINE)
    }
    assert users == {"wire"}
