"""The parts of the plugin know only those that the architecture's table has above them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "plugins/ble"
SECTION = (ROOT / "docs/architecture.md").read_text().split("### The plugin ble")[1].split("\n#")[0]
TABLE = re.findall(r"^\| `(\w+)/` \|", SECTION, re.MULTILINE)
OF_ALL = {"advertisement", "uuids"}


def test_every_part_is_in_the_table():
    assert sorted(TABLE) == sorted(each.parent.name for each in PLUGIN.glob("*/__init__.py"))


def test_a_part_knows_only_what_is_above_it():
    for n, part in enumerate(TABLE):
        for file in (PLUGIN / part).glob("*.py"):
            imported = set(re.findall(r"gatewayd_plugins\.ble\.(\w+)", file.read_text()))
            assert imported <= {*TABLE[: n + 1], *OF_ALL}, file.name


def test_only_the_adapter_and_connections_know_bleak():
    users = {
        file.parent.name
        for file in PLUGIN.rglob("*.py")
        if re.search(r"^from (bleak|dbus_fast)", file.read_text(), re.MULTILINE)
    }
    assert users == {"adapter", "connections"}
