"""The reader: options of any type that a plugin may declare, converted, or refused at the very value."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from gatewayd.config.findings import Place
from gatewayd.config.keys import Shape
from gatewayd.config.reader import WRONG, read_value
from gatewayd.plugin import Duration, OptionError


class Parity(enum.StrEnum):
    EVEN = "E"
    ODD = "O"


@dataclass
class Inner:
    number: int
    factor: float = 1.0

    def __post_init__(self):
        if self.number == 13:
            raise OptionError(["number"], "13 brings bad luck", "take 14")
        if self.number == 666:
            raise OptionError(["inner", "number"], "666 is taken")


class Packed(msgspec.Struct, rename={"from_": "from"}):
    from_: int = 0


@dataclass
class Options:
    text: str = ""
    flag: bool = False
    count: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    length: Annotated[str, msgspec.Meta(min_length=2)] = "ab"
    parity: Parity = Parity.EVEN
    speed: Literal[9600, 19200] = 9600
    timeout: Duration | None = None
    either: int | str = 0
    path: Path = Path()
    pair: tuple[int, str] = (0, "")
    many: list[Inner] = field(default_factory=list)
    named: Mapping[str, Inner] = field(default_factory=dict)
    some: Sequence[int] = ()
    unique: set[str] = field(default_factory=set)
    inner: Inner | None = None
    packed: Packed = field(default_factory=Packed)
    hidden: int = field(default=0, init=False)


def read(options):
    place = Place(("sources", "s"))
    value = read_value(options, Shape.of(Options), place)
    return value, [(finding.path[2:], finding.what, finding.fix) for finding in place.findings]


RIGHT = {
    "text": ("a", "a"),
    "flag": (True, True),
    "count": (9, 9),
    "parity": ("O", Parity.ODD),
    "speed": (19200, 19200),
    "timeout": ("1m", 60.0),
    "either": ("x", "x"),
    "path": ("a/b", Path("a/b")),
    "pair": ([1, "x"], (1, "x")),
    "many": ([{"number": 1}, {"number": 2, "factor": 2}], [Inner(1), Inner(2, 2)]),
    "named": ({"a": {"number": 1}}, {"a": Inner(1)}),
    "some": ([1, 2], [1, 2]),
    "unique": (["a", "a"], {"a"}),
    "inner": ({"number": 1}, Inner(1)),
    "packed": ({"from": 3}, Packed(3)),
}


@pytest.mark.parametrize(("key", "written", "read_as"), [(key, *pair) for key, pair in RIGHT.items()], ids=RIGHT)
def test_what_is_right_becomes_what_its_type_wants(key, written, read_as):
    value, found = read({key: written})
    assert found == []
    assert getattr(value, key) == read_as


WRONG_OPTIONS = [
    ({"text": 1}, ("text",), "text: expected text, got 1", "write it in quotes"),
    ({"flag": "true"}, ("flag",), 'flag: expected true or false, got text "true"', "write it without quotes"),
    ({"flag": 1}, ("flag",), "flag: expected true or false, got 1", ""),
    ({"count": 0}, ("count",), "count: expected a whole number from 1 to 9, got 0", ""),
    ({"count": True}, ("count",), "count: expected a whole number from 1 to 9, got true", ""),
    ({"count": 1.5}, ("count",), "count: expected a whole number from 1 to 9, got 1.5", ""),
    ({"length": "a"}, ("length",), 'length: expected text of a length of at least 2, got text "a"', ""),
    ({"parity": "even"}, ("parity",), 'parity: expected one of "E", "O", got text "even"', ""),
    ({"speed": 9601}, ("speed",), "speed: expected one of 9600, 19200, got 9601", ""),
    (
        {"timeout": -1},
        ("timeout",),
        'timeout: expected a duration such as "10s", got -1',
        'write it like "10s"',
    ),
    ({"either": 1.5}, ("either",), "either: expected a whole number or text, got 1.5", ""),
    ({"path": ""}, ("path",), 'path: expected a path, got text ""', ""),
    ({"pair": [1]}, ("pair",), "pair: expected a list of 2 elements, got 1", "write [a whole number, text]"),
    ({"pair": [1, 2]}, ("pair", 1), "pair: expected text, got 2", "write it in quotes"),
    ({"many": {}}, ("many",), "many: expected a list [...], got a table", "write it in brackets: [...]"),
    (
        {"many": [{"number": 1}, {"nmber": 2}]},
        ("many", 1, "nmber"),
        'unknown key "nmber" in [sources.s.many.1]',
        'did you mean "number"?',
    ),
    (
        {"many": [{"number": 1}, {"factor": 2}]},
        ("many", 1),
        '"number" is missing in [sources.s.many.1]',
        "add it: a whole number",
    ),
    ({"many": [{"number": 13}]}, ("many", 0, "number"), "13 brings bad luck", "take 14"),
    ({"inner": {"number": 666}}, ("inner", "number"), "666 is taken", ""),
    ({"inner": 3}, ("inner",), "inner: expected a table, got 3", ""),
    ({"named": {"a": {"number": "x"}}}, ("named", "a", "number"), 'number: expected a whole number, got text "x"', ""),
    ({"named": []}, ("named",), "named: expected a table, got an empty list", ""),
    ({"some": ["1"]}, ("some", 0), 'some: expected a whole number, got text "1"', "write it without quotes"),
    ({"packed": {"from": "x"}}, ("packed", "from"), 'from: expected a whole number, got text "x"', ""),
    ({"hidden": 1}, ("hidden",), 'unknown key "hidden" in [sources.s]', None),
]


@pytest.mark.parametrize(("options", "path", "what", "fix"), WRONG_OPTIONS, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_named_at_its_place_with_a_remedy(options, path, what, fix):
    value, found = read(options)
    assert value is WRONG
    assert found[0][:2] == (path, what)
    assert fix is None or found[0][2] == fix


def test_everything_that_is_wrong_is_found():
    _, found = read(
        {"count": 0, "flag": 2, "nonsense": 1, "many": [{"number": "a"}, {"factor": "b"}], "inner": {"number": 13}}
    )
    assert [path for path, _, _ in found] == [
        ("count",),
        ("flag",),
        ("nonsense",),
        ("many", 0, "number"),
        ("many", 1),
        ("many", 1, "factor"),
        ("inner", "number"),
    ]


def test_what_is_no_complaint_about_options_passes_through():
    @dataclass
    class Buggy:
        number: int

        def __post_init__(self):
            raise KeyError(self.number)

    with pytest.raises(KeyError):
        read_value({"number": 1}, Shape.of(Buggy), Place())
