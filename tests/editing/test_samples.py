"""Samples: they are right, complete, and their commented lines are the defaults."""

from importlib.metadata import EntryPoint

import pytest
from config_files import HEAD, load, write

from gatewayd.config.keys import keys
from gatewayd.config.settings import Settings
from gatewayd.editing.notes import Told, notes, with_defaults
from gatewayd.editing.samples import UnknownPluginError, brought_sample, plugin_sample
from gatewayd.editing.whole import whole_sample
from gatewayd.registry.registry import Registry

REGISTRY = Registry()
PLUGINS = [name for name in REGISTRY.names() if brought_sample(name, REGISTRY)]
SOURCES = [name for name in PLUGINS if name != "cycles"]
SECTIONS = {
    name: key.shape.inner[1].kind if key.shape.inner else key.shape.kind for name, key in keys(Settings).items()
}


def whole(plugin):
    return HEAD + brought_sample(plugin, REGISTRY)


def test_the_whole_sample_is_a_right_config(tmp_path):
    assert load(write(tmp_path, whole_sample()), offline=True).problems == ()


def test_the_commented_lines_of_the_whole_sample_are_the_defaults(tmp_path):
    as_it_is = load(write(tmp_path, whole_sample()), offline=True)
    written_out = load(write(tmp_path, with_defaults(whole_sample())), offline=True)
    assert written_out.digest == as_it_is.digest
    assert written_out.plan == as_it_is.plan
    assert with_defaults(whole_sample()) != whole_sample()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_that_there_is_is_in_the_whole_sample_with_its_meaning(section):
    said = {note.path[-1] for note in notes(whole_sample()) if note.path[0] == section and note.text}
    assert set(keys(SECTIONS[section])) - {"password", "options"} - said == set()


def test_the_whole_sample_shows_every_default_as_one(tmp_path):
    """What has a default that can be written is a commented line, unless the sample needs another value."""
    from gatewayd.editing.defaults import NONE, defaults

    told = {(note.path[0], note.path[-1]) for note in notes(whole_sample()) if note.told in (Told.DEFAULT, Told.GIVEN)}
    for section, kind in SECTIONS.items():
        usual = {key for key, value in defaults(kind).items() if value is not NONE} - {"options"}
        assert {(section, key) for key in usual} - told == set()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_commented_lines_of_a_plugins_sample_are_the_defaults(tmp_path, plugin):
    as_it_is = load(write(tmp_path, whole(plugin)))
    written_out = load(write(tmp_path, with_defaults(whole(plugin))))
    assert written_out.problems == ()
    for name, source in as_it_is.sources.items():
        other = written_out.sources[name]
        assert other.source == source.source
        assert (other.interval, other.isolated, other.polls) == (source.interval, source.isolated, source.polls)


@pytest.mark.parametrize("plugin", SOURCES)
def test_every_option_of_a_plugin_is_in_its_sample_with_its_meaning(plugin):
    said = [note for note in notes(brought_sample(plugin, REGISTRY)) if len(note.path) > 2]
    named = {note.path[2] for note in said}
    assert set(keys(REGISTRY.source_type(plugin))) - named == set()


def test_a_plugin_without_a_sample_gets_one_of_its_options(tmp_path):
    sample = plugin_sample("recording", REGISTRY)
    assert brought_sample("recording", REGISTRY) is None
    loaded = load(write(tmp_path, HEAD + with_defaults(sample)))
    assert loaded.sources["my_recording"].plugin == "recording"


@pytest.mark.parametrize("module", ["no_such_module", "no_such.module", "gatewayd.no_such.module"])
def test_a_plugin_that_cannot_be_found_brings_no_sample(module):
    registry = Registry()
    registry._points["broken"] = [EntryPoint("broken", module, "gatewayd")]
    assert brought_sample("broken", registry) is None


@pytest.mark.parametrize("raised", ["SystemExit(0)", "BaseException('panic')"])
def test_a_plugin_that_raises_what_is_no_exception_brings_no_sample(tmp_path, monkeypatch, raised):
    package = f"raises_{raised.partition('(')[0].lower()}_there"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text(f"raise {raised}\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry()
    registry._points["broken"] = [EntryPoint("broken", f"{package}.plugin", "gatewayd")]
    assert brought_sample("broken", registry) is None


def test_what_must_be_given_is_told_in_a_sample_that_is_made():
    from gatewayd.editing.options import made_sample

    sample = made_sample("modbus", REGISTRY.source_type("modbus"))
    assert "## url must be given: text such as" in sample
    assert '\n## A duration such as "10s".\n# timeout = "1s"\n' in sample


def test_the_sample_of_a_plugin_that_is_not_there_says_which_one_may_be_meant():
    with pytest.raises(UnknownPluginError, match=r'plugin "modbs" is not installed; did you mean "modbus"\?'):
        plugin_sample("modbs", REGISTRY)


def test_notes_are_read_off_a_sample():
    sample = """\
## What it is for.
[outbox]
## How much,
## at most.
# max_size = "64MB"   # of the disk
## Nothing of it.
## folder = "x#y"
## Just = words here.
every = 3  # seconds
"""
    assert [(note.path, note.text, note.told, note.value) for note in notes(sample)] == [
        (("outbox",), "What it is for.", None, None),
        (("outbox", "max_size"), "How much, at most. of the disk", Told.DEFAULT, "64MB"),
        (("outbox", "folder"), "Nothing of it.", Told.EXAMPLE, "x#y"),
        (("outbox", "every"), "Just = words here. seconds", Told.GIVEN, 3),
    ]
