from pathlib import Path

import pytest
from house_rules import broken_rules

ROOT = Path(__file__).parents[1]


def test_the_import_rules_of_the_house_hold():
    assert broken_rules(ROOT) == []


SOUND = {
    "gatewayd/__init__.py": "__version__ = '1'",
    "gatewayd/model.py": "import enum",
    "gatewayd/clock.py": "import time",
    "gatewayd/plugin.py": "from gatewayd.model import Block",
    "gatewayd/engine/plan.py": "from gatewayd.model import Kind",
    "gatewayd/engine/engine.py": "from gatewayd.engine.plan import Plan\nfrom gatewayd_ext import Tally",
    "gatewayd/config/__init__.py": "from gatewayd.engine.plan import Plan",
    "gatewayd/sources/field.py": "from gatewayd import clock\nfrom gatewayd.plugin import Line",
    "gatewayd/uplink/mqtt/client.py": "import aiomqtt\nfrom paho.mqtt import client",
    "gatewayd/daemon/daemon.py": "from gatewayd import __version__\nfrom gatewayd.engine.engine import Engine",
    "gatewayd/cli.py": "def run():\n    from gatewayd.daemon.daemon import run",
    "plugins/modbus/__init__.py": "from gatewayd_plugins.modbus import source",
    "plugins/modbus/source.py": "from gatewayd.plugin import Source\nimport pymodbus",
    "ext/__init__.py": "import os",
}

BROKEN = [
    ("gatewayd/engine/alarms/rules.py", "import time", "gatewayd.engine.alarms.rules imports time: it must stay pure"),
    ("gatewayd/engine/alarms/rules.py", "def f():\n    from asyncio import sleep", "must stay pure"),
    ("gatewayd/engine/alarms/rules.py", "import os.path", "must stay pure"),
    ("gatewayd/engine/alarms/rules.py", "from gatewayd import clock", "must stay pure"),
    ("gatewayd/model.py", "import structlog", "must stay pure"),
    ("gatewayd/engine/alarms/rules.py", "from gatewayd.plugin import Source", "imports go down only"),
    ("gatewayd/engine/alarms/rules.py", "from gatewayd.config import load", "imports go down only"),
    ("gatewayd/model.py", "import gatewayd.engine.plan", "imports go down only"),
    ("gatewayd/config/a.py", "from gatewayd.sources import field", "imports go down only"),
    ("gatewayd/sources/a.py", "import gatewayd.uplink.mqtt.client", "imports go down only"),
    ("gatewayd/uplink/a.py", "from gatewayd.daemon.daemon import run", "imports go down only"),
    ("gatewayd/daemon/daemon.py", "if TYPE_CHECKING:\n    from gatewayd.cli import main", "imports go down only"),
    ("ext/twin.py", "from gatewayd.plugin import Kind", "imports go down only"),
    ("gatewayd/sources/timing/a.py", "from gatewayd.sources import field", "imports go down only"),
    ("gatewayd/sources/timing/a.py", "import gatewayd.sources.reading", "imports go down only"),
    ("gatewayd/sources/a.py", "from gatewayd.engine.engine import Engine", "only its plan"),
    ("gatewayd/cli.py", "from gatewayd_plugins.modbus import source", "entry points"),
    ("ext/twin.py", "import gatewayd_plugins", "entry points"),
    ("plugins/modbus/bus.py", "from gatewayd.model import Block", "a plugin knows"),
    ("plugins/modbus/bus.py", "from gatewayd import clock", "a plugin knows"),
    ("plugins/modbus/bus.py", "import gatewayd_plugins.simulator", "a plugin knows"),
    ("plugins/modbus/bus.py", "from gatewayd_ext import Tally", "a plugin knows"),
    ("plugins/modbus/bus.py", "from . import source", "relative imports"),
    ("gatewayd/uplink/mqtt/wire.py", "from aiomqtt import Client", "only gatewayd.uplink.mqtt.client may"),
    ("gatewayd/daemon/daemon.py", "import paho.mqtt.client", "only gatewayd.uplink.mqtt.client may"),
    ("gatewayd/engine/alarms/rules.py", "from scipy import signal", "only tests and benchmarks may"),
    ("plugins/modbus/bus.py", "import scipy.fft", "only tests and benchmarks may"),
    ("ext/twin.py", "import scipy", "only tests and benchmarks may"),
    ("gatewayd/engine/plan.py", "from gatewayd.engine.engine import Engine", "modules import each other"),
    ("gatewayd/helpers.py", "", "has no layer"),
]


def lay_out(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_sound_tree_breaks_no_rule(tmp_path):
    lay_out(tmp_path, SOUND)
    assert broken_rules(tmp_path) == []


@pytest.mark.parametrize(("file", "text", "complaint"), BROKEN)
def test_a_breach_of_the_rules_is_found(tmp_path, file, text, complaint):
    lay_out(tmp_path, SOUND | {file: text})
    breaches = broken_rules(tmp_path)
    assert any(complaint in breach for breach in breaches)
