"""Documents: files that cannot be read, are no text, no TOML or too much, and those beside the main one."""

import os

import pytest
from config_files import BASE, HEAD, SOURCE, load, problems, write

from gatewayd.errors import ConfigError

UNREADABLE = {
    "a letter that is no UTF-8": (
        BASE.encode() + b"# gr\xfc\xdf\n",
        ":7:5: this is not UTF-8 text; save the file as UTF-8",
    ),
    "a binary file": (
        b"\x7fELF\x02\x01\x01\x00\xff\xfe",
        ":1:9: this is a binary file, not text; save the file as UTF-8",
    ),
    "zeros": (BASE.encode() + b"\0" * 100, ":7:1: this is a binary file, not text; is it a config file?"),
    "nothing": ("", ": there is nothing in the file; add [gateway]"),
    "more than 4 MB": (
        "#" * (4 * 1024 * 1024 + 1),
        ": is larger than 4 MB; is it a config file? it should have some kB",
    ),
    "deep nesting": ("a = " + "[" * 5000, ": lists or tables are nested too deeply; is it a config file?"),
    "text without quotes": (
        BASE + "interval = 10s\n",
        ":7:14: the value should end here; one key = value on a line; text must be in quotes",
    ),
    "a word without quotes": (BASE + "fault = none\n", ':7:9: this is not a value; text must be in quotes: "none"'),
    "a table with keys in two places": (
        BASE + "channels.a = 1\n[sources.pump1.channels]\nb = 1\n",
        ":8:1: [sources.pump1.channels] is already there in line 7; keep one of them, with all its keys",
    ),
    "a word without quotes in braces": (
        BASE + "x = { unit = bar }\n",
        ':7:14: this is not a value; text must be in quotes: "bar"',
    ),
    "a sign without quotes": (BASE + "unit = °C # hot\n", ':7:8: this is not a value; text must be in quotes: "°C"'),
    "a table in braces over several lines": (
        BASE + "x = {\n  a = 1,\n}\n",
        ":7:6: a table in braces must be on one line; write { ... } without a line break, or its keys below a [table]",
    ),
    "a table in braces that ends on the next line": (
        BASE + "x = { a = 1 # one\n}\n",
        ":7:13: a table in braces must be on one line; ",
    ),
    "a table in braces that goes on after a comma": (
        BASE + "x = { a = 1, # one\n  b = 2 }\n",
        ":7:14: a table in braces must be on one line; ",
    ),
    "a comma before the closing brace": (
        BASE + "x = { a = 1, }\n",
        ":7:14: a table in braces must not end with a comma; remove it",
    ),
    "no comma in braces": (BASE + "x = { a = 1 b = 2 }\n", ":7:13: expected , or } here; put a comma between two keys"),
    "curly quotes in a list": (BASE + "x = [“a”, “b”]\n", ':7:6: “ is not a plain quote; write "a"'),
    "curly quotes": (
        BASE + "fault = “none”\n",
        ':7:9: “ is not a plain quote; write "none"',
    ),
    "low quotes": (BASE + "fault = „none“\n", ':7:9: „ is not a plain quote; write "none"'),
    "a text that ends with a curly quote": (
        BASE + 'fault = "none”\n',
        ':7:15: ” is not a plain quote; write "none"',
    ),
    "no value": (BASE + "fault =\n", ":7:8: this is not a value"),
    "no equals sign": (
        BASE + "fault\n",
        ":7:6: expected = after the key; write key = value; a key with special characters must be in quotes",
    ),
    "an open text": (BASE + 'fault = "none\n', ":7:14: the text is not closed; put the closing quote at its end"),
    "an open list": (
        BASE + "[readings]\nchannels = [\n",
        ":8:13: the file ends too early (this is not a value); is it complete?",
    ),
    "an open header": (
        BASE + "[readings",
        ":7:10: the file ends too early (expected ']' at the end of a table declaration)",
    ),
    "a key twice": (
        BASE + "seed = 1\nseed = 2\n",
        ":8:1: sources.pump1.seed is already given in line 7; keep one of them",
    ),
    "a key twice at the end": (
        BASE + "seed = 1\nseed = 2",
        ":8:1: sources.pump1.seed is already given in line 7; keep one of them",
    ),
    "a key twice in braces": (
        BASE + "x = { a = 1, a = 2 }\n",
        ':7:19: the key "a" is already given in this table; keep one of them',
    ),
    "a table in braces that is continued": (
        BASE + "x = { a = 1 }\nx.b = 2\n",
        ":8:1: sources.pump1.x is already given in line 7; keep all its keys in one place",
    ),
    "a table of the name of a key": (
        BASE + "x = 1\n[sources.pump1.x]\n",
        ":8:1: sources.pump1.x is already given in line 7; keep one of them",
    ),
    "a table twice": (
        BASE + SOURCE,
        ":7:1: [sources.pump1] is already there in line 5; keep one of them, with all its keys",
    ),
    "a path in double quotes": (
        BASE + 'x = "C:\\Users"\n',
        ":7:10: a backslash in double quotes has a meaning of its own; write the text in single quotes: 'C:\\new'",
    ),
    "an unknown escape": (
        BASE + 'x = "C:\\gate"\n',
        ":7:10: a backslash in double quotes has a meaning of its own; write the text in single quotes: 'C:\\new'",
    ),
    "a number that is too long": (
        BASE + f"seed = {'9' * 5000}\n",
        ": a number in it is too long; is it a config file?",
    ),
    "an impossible date": (BASE + "x = 2026-02-30\n", ":7:5: invalid date or datetime"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path, content, said):
    (line,) = problems(tmp_path, content)
    assert line.startswith(f"gatewayd.toml{said}")


def refused(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value).removeprefix(str(path))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refused(tmp_path / "gatewayd.toml") == ": there is no such file; check its name"


def test_a_folder_is_refused(tmp_path):
    assert refused(tmp_path) == ": is a folder; name the config file in it"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = write(tmp_path, BASE)
    path.chmod(0)
    assert refused(path) == ": may not be read by this user; make it readable, or be another user"


def test_a_failing_disk_is_said(tmp_path, monkeypatch):
    path = write(tmp_path, BASE)
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    assert refused(path) == ": cannot be read (Input/output error); check the disk"


def test_a_missing_permission_is_said(tmp_path, monkeypatch):
    path = write(tmp_path, BASE)
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "denied")))
    assert refused(path) == ": may not be read by this user; make it readable, or be another user"


def test_windows_line_ends_and_a_byte_order_mark_are_no_problem(tmp_path):
    path = write(tmp_path, b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert load(path).settings.gateway.id == "test"


def test_positions_do_not_depend_on_line_ends(tmp_path):
    text = (BASE + "sede = 1\n").replace("\n", "\r\n").encode()
    assert problems(tmp_path, text)[0].startswith("gatewayd.toml:7:1: unknown key")


# --- conf.d ---------------------------------------------------------------------------------------------------------


def test_files_in_conf_d_are_merged_in_the_order_of_their_names(tmp_path):
    write(tmp_path, SOURCE.replace("pump1", "pump3"), "conf.d/20.toml")
    write(tmp_path, SOURCE.replace("pump1", "pump2") + '[mqtt]\nusername = "me"\n', "conf.d/10.toml")
    write(tmp_path, "nonsense", "conf.d/notes.txt")
    write(tmp_path, "nonsense", "conf.d/.hidden.toml")
    (tmp_path / "conf.d" / ".#10.toml").symlink_to("somebody@where-Emacs-is-running")
    config = load(write(tmp_path, BASE))
    assert list(config.sources) == ["pump1", "pump2", "pump3"]
    assert config.settings.mqtt.username == "me"


def test_a_rule_may_be_about_a_source_of_another_file(tmp_path):
    write(tmp_path, '[rules.r]\nchannel = "pump1.flow"\nbelow = 1\n', "conf.d/rules.toml")
    assert [rule.name for rule in load(write(tmp_path, BASE)).plan.rules] == ["r"]


def test_a_problem_is_placed_in_its_own_file(tmp_path):
    write(tmp_path, SOURCE.replace("pump1", "pump2") + "sede = 1\n", "conf.d/10.toml")
    assert problems(tmp_path, BASE) == [
        'conf.d/10.toml:3:1: unknown key "sede" in [sources.pump2]; did you mean "seed"?'
    ]


def test_what_is_missing_in_all_files_is_said_of_the_main_one(tmp_path):
    write(tmp_path, SOURCE, "conf.d/10.toml")
    assert problems(tmp_path, "[gateway]\nid = 'a'\n") == [
        'gatewayd.toml: [mqtt] is missing; add [mqtt] with url = "mqtt://..."'
    ]


def test_a_named_table_in_two_files_is_an_error_that_names_both(tmp_path):
    rule = '[rules.r]\nchannel = "pump1.flow"\nbelow = 1\n'
    write(tmp_path, "# mine\n" + rule, "conf.d/10.toml")
    assert problems(tmp_path, BASE + rule) == [
        "conf.d/10.toml:2:1: rules.r is already given at gatewayd.toml:7:1; keep one of them"
    ]


def test_a_key_in_two_files_is_an_error_that_names_both(tmp_path):
    write(tmp_path, '[mqtt]\nurl = "mqtt://b"\n', "conf.d/10.toml")
    write(tmp_path, '[gateway]\nstate_dir = "x"\n[outbox]\nmax_size = 1\n', "conf.d/20.toml")
    assert problems(tmp_path, BASE) == [
        "conf.d/10.toml:2:1: mqtt.url is already given at gatewayd.toml:4:1; keep one of them",
        'conf.d/20.toml:4:1: max_size: expected a size from "1MiB" to "1000GB", got 1; write it like "64MB"',
    ]


def test_a_table_that_is_none_in_another_file_is_an_error(tmp_path):
    write(tmp_path, "mqtt = 1\n", "conf.d/10.toml")
    assert problems(tmp_path, BASE) == [
        "conf.d/10.toml:1:1: mqtt is already given at gatewayd.toml:3:1; keep one of them"
    ]


def test_all_files_that_are_no_toml_are_said_at_once(tmp_path):
    write(tmp_path, "b", "conf.d/10.toml")
    found = problems(tmp_path, "a")
    assert [line.partition(": ")[0] for line in found] == ["conf.d/10.toml:1:2", "gatewayd.toml:1:2"]


def test_a_conf_d_that_is_no_folder_is_an_error(tmp_path):
    write(tmp_path, "", "conf.d")
    assert problems(tmp_path, HEAD + SOURCE) == ["conf.d: is not a folder; make it one, or give it another name"]
