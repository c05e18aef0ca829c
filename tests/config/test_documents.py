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
    "deep keys": (f"[a{'.a' * 20_000}]", ": lists or tables are nested too deeply; is it a config file?"),
    "deep lists": (f"a = {'[' * 200}{']' * 200}", ": lists or tables are nested too deeply; is it a config file?"),
    "deep nesting": ("a = " + "[" * 5000, ": lists or tables are nested too deeply; is it a config file?"),
    "text without quotes": (
        BASE + "interval = 10s\n",
        ':7:14: a number has no unit; text must be in quotes: "10s"; or write 10 alone',
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
    "text of two bytes": (BASE.encode("utf-16-le"), ":1:1: this is UTF-16 text, not UTF-8; save the file as UTF-8"),
    "text of two bytes with a mark": (BASE.encode("utf-16"), ":1:1: this is UTF-16 text, not UTF-8"),
    "text of two bytes, the high one first": (BASE.encode("utf-16-be"), ":1:1: this is UTF-16 text, not UTF-8"),
    "line ends of old": (
        BASE.replace("\n", "\r"),
        ":1:10: its lines end in CR alone; save the file with line ends of Unix (LF) or Windows (CR LF)",
    ),
    "a decimal comma": (BASE + "x = 6,05 # bar\n", ":7:6: a number has a decimal point, not a comma; write 6.05"),
    "a unit": (
        BASE + "x = 6.0 bar # at most\n",
        ':7:9: a number has no unit; text must be in quotes: "6.0 bar"; or write 6.0 alone',
    ),
    "a leading zero": (BASE + "x = 06\n", ":7:6: a number does not begin with 0; write 6"),
    "a leading zero of a fraction": (BASE + "x = -06.50\n", ":7:7: a number does not begin with 0; write -6.50"),
    "a leading point": (BASE + "x = .5\n", ":7:5: a number does not begin with a point; write 0.5"),
    "a trailing point": (BASE + "x = 5.\n", ":7:6: a number does not end with a point; write 5.0"),
    "a capital letter": (BASE + "x = True\n", ":7:5: this is not a value; write true"),
    "a name of two words": (
        BASE + "[rules high]\nabove = 1\n",
        ":7:8: this cannot be in the name of a table; a name has letters from a to z, digits, _ and -",
    ),
    "a name with other letters": (
        BASE + "[rules.höhe]\nabove = 1\n",
        ":7:9: this cannot be in the name of a table; a name has letters from a to z, digits, _ and -",
    ),
    "a merge conflict": (
        BASE + "<<<<<<< HEAD\nseed = 1\n=======\nseed = 2\n>>>>>>> theirs\n",
        ":7:1: this is the mark of a merge conflict; keep one of the two versions, and remove the marks",
    ),
    "JSON": (
        '{"gateway": {"id": "x"}}',
        ":1:1: this is JSON, not TOML; write [table] and key = value, as `gatewayd sample` does",
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


MISTAKES = """\
[gateway]
id = x
[mqtt]
url = mqtt://x
[sources.pump 1]
plugin = simulator
burst = 1
burst = 2
channels = [
  a,
]
interval = y
"""


def test_several_mistakes_in_one_file_are_told_up_to_one_that_goes_over_lines(tmp_path):
    found = [line.removeprefix("gatewayd.toml:").partition(": ")[0] for line in problems(tmp_path, MISTAKES)]
    assert found == ["2:6", "4:7", "5:15", "6:10", "8:1", "10:3"]


def test_a_bound_is_set_to_the_mistakes_that_are_told(tmp_path):
    lines = "".join(f"k{number} = x\n" for number in range(1000))
    assert len(problems(tmp_path, BASE + lines)) == 20
    assert len(problems(tmp_path, BASE + lines + "#" * 100_000)) == 1


def test_the_keys_below_a_wrong_header_are_not_taken_for_those_of_the_table_before(tmp_path):
    assert len(problems(tmp_path, BASE + '[sources.pump 2]\nplugin = "simulator"\n')) == 1


def test_a_file_that_looks_like_a_part_but_is_not_read_is_told(tmp_path):
    write(tmp_path, "[rules.r]\n", "conf.d/C.TOML")
    write(tmp_path, "[rules.r]\n", "conf.d/c.toml.off")
    (told,) = load(write(tmp_path, BASE)).problems
    assert str(told).replace(f"{tmp_path}/", "") == "conf.d/C.TOML: is not read; call it C.toml"
    assert not told.fatal


def test_a_folder_with_the_name_of_a_part_is_an_error(tmp_path):
    (tmp_path / "conf.d" / "e.toml").mkdir(parents=True)
    assert problems(tmp_path, BASE) == ["conf.d/e.toml: is a folder; give it another name"]


@pytest.mark.parametrize("name", ["pipe.toml", "conf.d/pipe.toml"])
def test_a_pipe_is_not_waited_for(tmp_path, name):
    path = write(tmp_path, BASE)
    (tmp_path / "conf.d").mkdir()
    os.mkfifo(tmp_path / name)
    with pytest.raises(ConfigError, match=r"pipe.toml: is a pipe, which would be waited for; name a file"):
        load(tmp_path / name if name == "pipe.toml" else path)


def test_who_names_a_part_is_told_of_the_whole(tmp_path):
    write(tmp_path, BASE)
    found = problems(tmp_path, "[rules.r]\nchannel = 'a'\nabove = 1\n", "conf.d/b.toml")
    assert "conf.d/b.toml: this is a part of a config; name the whole: gatewayd.toml" in found


def test_all_files_that_are_no_toml_are_said_at_once(tmp_path):
    write(tmp_path, "b", "conf.d/10.toml")
    found = problems(tmp_path, "a")
    assert [line.partition(": ")[0] for line in found] == ["conf.d/10.toml:1:2", "gatewayd.toml:1:2"]


def test_a_conf_d_that_is_no_folder_is_an_error(tmp_path):
    write(tmp_path, "", "conf.d")
    assert problems(tmp_path, HEAD + SOURCE) == ["conf.d: is not a folder; make it one, or give it another name"]
