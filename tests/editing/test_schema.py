"""The schema: valid itself, never stricter than gatewayd, and it knows every key."""

import json
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from config_files import BASE, HEAD
from jsonschema import Draft202012Validator

from gatewayd.config.broker import read_broker
from gatewayd.config.findings import Place
from gatewayd.config.keys import keys
from gatewayd.config.reader import WRONG as WRONG_VALUE
from gatewayd.config.reader import read_value
from gatewayd.config.settings import Mqtt, Settings
from gatewayd.editing.notes import with_defaults
from gatewayd.editing.samples import brought_sample
from gatewayd.editing.schema import NAME, whole_schema
from gatewayd.editing.tables import Tables
from gatewayd.editing.whole import whole_sample
from gatewayd.plugin import OptionError, Source
from gatewayd.registry.registry import Registry

ROOT = Path(__file__).parents[2]
REGISTRY = Registry()
PLUGINS = [name for name in REGISTRY.names() if brought_sample(name, REGISTRY)]
EXAMPLES = sorted([*ROOT.glob("examples/*.toml"), *ROOT.glob("examples/*/gatewayd.toml")])
PARTS = sorted(ROOT.glob("examples/*/conf.d/*.toml"))
PAGES = ("configuration", "features", "channels", "models", "sensors", "alarms", "evidence", "forecasts")
BLOCKS = [
    block
    for page in PAGES
    for block in re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)
]
WHOLE = whole_schema(REGISTRY)
VALIDATOR = Draft202012Validator(WHOLE)
PART = Draft202012Validator(whole_schema(REGISTRY, part=True))


def complaints(text, validator=VALIDATOR):
    return [error.message for error in validator.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema():
    Draft202012Validator.check_schema(WHOLE)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_right(path):
    """Those whose sources are in conf.d lack them."""
    in_parts = (path.parent / "conf.d").exists()
    assert complaints(path.read_text(), PART if in_parts else VALIDATOR) == []


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.name)
def test_files_in_conf_d_are_parts(path):
    assert complaints(path.read_text(), PART) == []
    assert complaints(path.read_text()) != []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_what_the_docs_show_is_right(block):
    assert complaints(block, PART) == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_samples_are_right(plugin):
    assert complaints(HEAD + with_defaults(brought_sample(plugin, REGISTRY))) == []


def test_the_whole_sample_is_right_with_all_its_defaults():
    assert complaints(with_defaults(whole_sample())) == []


RIGHT = {
    "a gateway with letters of other languages": '[gateway]\nid = "Kläranlage-Süd"\n',
    "whole numbers where any will do": '[rules.r]\nchannel = "a.b"\nabove = 6\n',
    "a window of values": '[features.f]\nchannels = ["*"]\ncompute = ["band_rms(10, 1000)"]\nwindow = 100\n',
    "an estimated shaft": '[bearings.b]\nchannel = "a.b"\nshaft = { estimate = ["20Hz", "30 Hz"] }\n',
    "limits of severity": '[features.f]\nchannels = ["*"]\ncompute = ["severity"]\nseverity = [2.5, 4, 6.6]\n',
    "a fraction of a size": '[outbox]\nmax_size = "1.5 GiB"\n',
    "a model by rows": '[models.m]\nchannels = ["*"]\nlearn = 500\nby = "a.b"\nbins = [1, 2.5]\n',
    "a register in one of its forms": '[sources.a]\nplugin = "modbus"\nurl = "tcp://h"\n[sources.a.channels]\n'
    'x = { register = "40101", absent = [32767, "0x8000"], bits = [0, 3] }\n',
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_gatewayd_takes_is_right(text):
    assert complaints(text, PART) == []


VALUES = (
    *("", "a", "a b", "pump1.flow", "not pump1.flow", "*.flow", "1s", "90.5 s", "500ms", "1.5h", "30d", "400d"),
    *("64MB", "1.5 GiB", "0MB", "1480rpm", "24.7 Hz", "6205", "ISO 10816-7 category 2 up to 200 kW", "5", "lan"),
    *(
        "process",
        "holding:100",
        "0..3",
        "float32",
        "low",
        "warning",
        "sensitive",
        "range",
        "mqtt://h",
        "127.0.0.1:9180",
    ),
    *(-1, 0, 1, 2, 3, 50, 100, 2048, 70000, 0.0, 0.2, 1.0, 1.5, -3.5, 1e12, True, False),
    *([], ["a"], ["a", "b"], [1], [1, 2], [1.5, 2], [2, 1], [1, 2, 3], ["1Hz", "2Hz"], [32767, "0x8000"], ["stuck"]),
    *({}, {"estimate": ["20Hz", "30Hz"]}, {"a": "b"}, {"a": 1}, {"0": "off"}, {"at": 1}, {"register": "holding:1"}),
    *({"bpfo": 3.58, "bpfi": 5.42, "bsf": 2.36, "ftf": 0.398}, {"x": {"register": "coil:0"}}, {"x": {"at": 1}}),
)
RECORDS = {
    **{name: key.shape.inner[1].kind if key.shape.inner else key.shape.kind for name, key in keys(Settings).items()},
    **{f"plugin {name}": REGISTRY.source_type(name) for name in PLUGINS if name != "cycles"},
}


@pytest.mark.parametrize("kind", RECORDS.values(), ids=RECORDS)
def test_it_is_never_stricter_than_gatewayd(kind):
    """Whatever is read without a complaint is right by the schema, too."""
    read = 0
    for name, schema in Tables().schema(kind)["properties"].items():
        validator, shape = Draft202012Validator(schema), keys(kind)[name].shape
        for value in VALUES:
            if _is_read(value, shape) and not _is_refused(kind, name, value):
                read += 1
                assert validator.is_valid(value), (name, value, schema)
    assert read >= len(keys(kind))


def _is_read(value, shape):
    place = Place()
    try:
        return read_value(value, shape, place) is not WRONG_VALUE and not place.findings
    except ValueError:
        return False


def _is_refused(kind, name, value):
    """Whether a key that could be read is refused for what it says."""
    if kind is Mqtt and name == "url":
        place = Place()
        read_broker({"url": value}, Path(), place, offline=True)
        return bool(place.findings)
    try:
        getattr(kind, "check_each", dict)({name: value} if name == "url" else {})
    except OptionError:
        return True
    return False


WRONG = {
    "a key that is not there": ('[gateway]\nid = "x"\nstatedir = "y"\n', "'statedir' was unexpected"),
    "a table that is not there": ("[rule.r]\n", "'rule' was unexpected"),
    "a duration without a unit": ("[summary]\nevery = 60\n", "60 is not of type 'string'"),
    "a duration in words": ('[summary]\nevery = "1 minute"\n', "does not match"),
    "a choice that is none": ('[mqtt]\nurl = "mqtt://h"\nprotocol = "4"\n', "is not one of ['5', '3.1.1']"),
    "no channel": ("[rules.r]\nabove = 1\n", "'channel' is a required property"),
    "a plugin that is not installed": ('[sources.a]\nplugin = "modbs"\n', "'modbs' is not one of"),
    "an option of a plugin": ('[sources.a]\nplugin = "simulator"\nsede = 1\n', "'sede' was unexpected"),
    "an option of another plugin": ('[sources.a]\nplugin = "simulator"\nurl = "tcp://h"\n', "'url' was unexpected"),
    "an option that is out of bounds": (
        '[sources.a]\nplugin = "modbus"\nurl = "tcp://h"\nunit = 300\n',
        "maximum of 255",
    ),
    "a bearing that nobody makes": ('[bearings.b]\nchannel = "a.b"\nshaft = "1Hz"\ntype = "1"\n', "is not one of"),
    "blades by the thousand": ('[features.f]\nchannels = ["*"]\ncompute = ["rms"]\nblades = 1000\n', "maximum of 100"),
    "no channels": ("[readings]\nchannels = []\n", "should be non-empty"),
    "a rule without a condition": ('[rules.r]\nchannel = "a.b"\n', "is not valid under any of the given schemas"),
    "a rule with two conditions": ('[rules.r]\nchannel = "a.b"\nabove = 1\nbelow = 0\n', "is valid under each of"),
    "a misspelt feature": ('[features.f]\nchannels = ["*"]\ncompute = ["rsm"]\n', "'rsm' is not valid under any of"),
    "a broker without a scheme": ('[mqtt]\nurl = "127.0.0.1"\n', "'127.0.0.1' does not match"),
    "a device without a scheme": ('[sources.a]\nplugin = "modbus"\nurl = "10.0.0.5"\n', "'10.0.0.5' does not match"),
    "a name with a space": ('[rules."my rule"]\nchannel = "a.b"\n', "does not match any of the regexes"),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_marked(text, complaint):
    assert complaint in "\n".join(complaints(text, PART))


def test_a_config_needs_its_tables_and_a_part_does_not():
    assert complaints("") == [f"'{name}' is a required property" for name in ("gateway", "mqtt", "sources")]
    assert complaints("", PART) == []
    assert complaints(BASE) == []


@pytest.mark.parametrize("section", keys(Settings))
def test_every_key_has_a_description(section):
    schema = WHOLE["properties"][section]
    table = schema.get("patternProperties", {}).get(NAME, schema)
    sources = [WHOLE["$defs"][f"source.{name}"] for name in ("modbus", "ble", "file", "simulator")]
    for each in sources if section == "sources" else [table]:
        properties = each["properties"]
        assert {key for key in properties if not properties[key].get("description")} - {"plugin"} == set()


def test_defaults_are_as_they_are_written():
    properties = WHOLE["properties"]
    assert properties["outbox"]["properties"]["max_size"]["default"] == "64MB"
    assert properties["summary"]["properties"]["every"]["default"] == "1m"
    assert WHOLE["$defs"]["source.modbus"]["properties"]["timeout"]["default"] == "1s"


def test_features_are_proposed_and_those_of_plugins_too():
    compute = WHOLE["properties"]["features"]["patternProperties"][NAME]["properties"]["compute"]
    assert {"rms", "kurtosis", "cycles.count"} <= set(compute["items"]["anyOf"][0]["enum"])


@dataclass
class Endless:
    inner: "Endless | None" = None
    limit: float = math.inf


@dataclass
class Strange(Source):
    nowhere: "Nowhere" = 1  # noqa: F821
    """A type that is not there."""


def test_tables_without_end_have_a_schema_that_has_one():
    schema = Tables().schema(Endless)
    assert json.dumps(schema).count('"inner"') == 11
    assert "default" not in schema["properties"]["limit"]


def test_a_plugin_with_types_that_are_none_is_left_out(monkeypatch):
    registry = Registry()
    monkeypatch.setattr(registry, "source_type", lambda name: Strange)
    assert whole_schema(registry)["$defs"] == {}


def test_a_plugin_that_does_not_load_is_left_out(monkeypatch):
    from importlib.metadata import EntryPoint

    registry = Registry()
    registry._points["broken"] = [EntryPoint("broken", "no_such_module", "gatewayd")]
    assert "source.broken" not in whole_schema(registry)["$defs"]
