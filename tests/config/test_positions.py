"""Positions: every key, table and element of a TOML text is found where it is written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import texts

from gatewayd.config.text.positions import positions

TEXT = '''\
# a comment = "no key"
top = 1
dotted . "quoted key".'literal' = { x = 1, y.z = [ 1, 2 ] }   # { no = "table" }

[plain]
  indented = "a # no comment"
list = [
    "one",   # a comment, with ] and ,
    [ 2, 3 ], { four = 4 },

]
long = """
[no.header]
no_key = 1
\\""" still inside """
after = \'\'\'
more = 2\'\'\'
"a\\u00e9\\t" = true
[ plain . "sub table" ]
date = 1979-05-27 07:32:00
number = 1_000.5e3
[[several]]
a = 1
[several.inner]
b = 2
[[several]]
a = 3
[several.inner]
b = 4
[[several.deep]]
c = 5
[[several.deep]]
c = 6
'''
EXPECTED = {
    ("top",): (2, 1),
    ("dotted",): (3, 1),
    ("dotted", "quoted key"): (3, 10),
    ("dotted", "quoted key", "literal"): (3, 23),
    ("dotted", "quoted key", "literal", "x"): (3, 37),
    ("dotted", "quoted key", "literal", "y", "z"): (3, 46),
    ("dotted", "quoted key", "literal", "y", "z", 1): (3, 55),
    ("plain",): (5, 1),
    ("plain", "indented"): (6, 3),
    ("plain", "list"): (7, 1),
    ("plain", "list", 0): (8, 5),
    ("plain", "list", 1): (9, 5),
    ("plain", "list", 1, 1): (9, 10),
    ("plain", "list", 2): (9, 15),
    ("plain", "list", 2, "four"): (9, 17),
    ("plain", "long"): (12, 1),
    ("plain", "after"): (16, 1),
    ("plain", "aé\t"): (18, 1),
    ("plain", "sub table"): (19, 1),
    ("plain", "sub table", "date"): (20, 1),
    ("plain", "sub table", "number"): (21, 1),
    ("several",): (22, 1),
    ("several", 0): (22, 1),
    ("several", 0, "a"): (23, 1),
    ("several", 0, "inner", "b"): (25, 1),
    ("several", 1): (26, 1),
    ("several", 1, "a"): (27, 1),
    ("several", 1, "inner", "b"): (29, 1),
    ("several", 1, "deep", 0, "c"): (31, 1),
    ("several", 1, "deep", 1, "c"): (33, 1),
}


def paths(value, path=()):
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


@pytest.mark.parametrize(("path", "position"), EXPECTED.items(), ids=map(str, EXPECTED))
def test_each_thing_is_found_where_it_is_written(path, position):
    assert positions(TEXT)[path] == position


def test_nothing_is_missed_and_nothing_invented():
    assert set(positions(TEXT)) == set(paths(tomllib.loads(TEXT)))


def test_a_text_without_a_last_line_break_is_read_to_its_end():
    assert positions("[a]\nb = 1") == {("a",): (1, 1), ("a", "b"): (2, 1)}


KEYS = texts(min_size=1, max_size=4)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | texts(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def written(value):
    """A value as TOML, with blanks, comments and line breaks wherever they may be."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[ # ]\n" + "".join(f" {written(each)} ,\n" for each in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(each)}" for key, each in value.items()) + " }"
    return repr(value)


def quoted(text):
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=3))
def test_whatever_is_in_a_file_has_a_position_inside_it(tables):
    text = "".join(
        f"[ {quoted(name)} ] # x\n" + "".join(f"{quoted(key)}\t= {written(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )
    found = positions(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    lines = text.split("\n")
    assert all(1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) for line, column in found.values())


@given(st.text(alphabet="[]{}=\"'\\.,#ab1 \n", max_size=60))
def test_what_is_no_toml_comes_to_an_end_too(text):
    lines = text.split("\n")
    assert all(line <= len(lines) for line, _ in positions(text).values())
