"""Thousands of configs gone wrong: each is refused in words, with places that exist, or is right after all."""

import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from config_files import load, write
from effort import effort

from gatewayd.errors import ConfigError

pytestmark = pytest.mark.campaign

MUTANTS = effort(10_000, 600)
ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("examples/**/*.toml"), *ROOT.glob("tests/scenarios/*/*.toml")])
WHOLE = [path for path in FILES if path.parent.name != "conf.d"]
LINES = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
VALUES = [line.partition(" = ")[2] for line in LINES if " = " in line]
ODD = [
    *("nan", "-inf", "-1", "0", "1e400", "9223372036854775808", f"1{'0' * 400}", "0x7fffffff", "true", "1979-05-27"),
    *(
        '""',
        '"\\u0000"',
        '"a.b"',
        '"*"',
        '"10"',
        '"1e9s"',
        '"-5ms"',
        '"99999999999d"',
        "'\N{SNOWMAN}'",
        f'"{"x" * 5000}"',
    ),
    *("[]", "{}", "[[]]", "[1, 'a', {}]", "{a = {b = {c = 1}}}", f"{'[' * 100}{']' * 100}", f"{'[' * 5000}", ""),
    *('"mqtt://"', '"mqtt://[::1"', '"tcp://h:99999"', '"rtu:?baudrate=x"', '"holding:70000"', '"holding:-1"'),
]


def odd_value(dice, lines):
    lines[dice.randrange(len(lines))] = f"{_key(dice, lines)} = {dice.choice(ODD)}"


def value_of_another(dice, lines):
    lines[dice.randrange(len(lines))] = f"{_key(dice, lines)} = {dice.choice(VALUES)}"


def line_of_another(dice, lines):
    lines.insert(dice.randrange(len(lines)), dice.choice(LINES))


def line_left_out(dice, lines):
    del lines[dice.randrange(len(lines))]


def lines_exchanged(dice, lines):
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def letters_changed(dice, lines):
    which = dice.randrange(len(lines))
    begin = dice.randrange(len(lines[which]) + 1)
    splice = "".join(dice.choices("[]{}\"'=.,#\\\n\0 a1-\N{EM DASH}", k=dice.randrange(4)))
    lines[which] = lines[which][:begin] + splice + lines[which][begin + dice.randrange(4) :]


MUTATIONS = [odd_value, value_of_another, line_of_another, line_left_out, lines_exchanged, letters_changed]


def _key(dice, lines):
    keys = [key[0] for line in lines if (key := re.match(r"[\w.\"-]+(?= = )", line))]
    return dice.choice(keys or ["id"])


@pytest.fixture(autouse=True)
def password(tmp_path, monkeypatch):
    write(tmp_path, "geheim", "credentials/mqtt.password")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))


def test_a_config_gone_wrong_is_refused_in_words_whatever_is_wrong(tmp_path, note):
    found = Counter(outcome(seed, tmp_path / "mutant") for seed in range(MUTANTS))
    assert found["refused"] > MUTANTS / 2
    assert found["right"] > MUTANTS / 100
    note(f"{MUTANTS} configs: {found['refused']} refused, {found['right']} right after all, 0 other exceptions")


def outcome(seed, folder):
    """Mutate one of the files of one of the configs, and load it. Whatever else is raised fails the test."""
    dice = random.Random(seed)
    origin = dice.choice(WHOLE)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(origin.parent, folder, ignore=shutil.ignore_patterns("*.csv", "*.json"))
    mutate(dice, dice.choice(sorted({folder / origin.name, *folder.glob("conf.d/*.toml")})))
    problems = None
    try:
        load(folder / origin.name)
    except ConfigError as error:
        problems = error.problems
    except Exception as other:
        raise AssertionError(f"mutant {seed} of {origin}") from other
    if problems is None:
        return "right"
    assert problems, seed
    assert all(problem.what and place_exists(problem) for problem in problems), (seed, problems)
    return "refused"


def mutate(dice, path):
    lines = path.read_text(encoding="utf-8").split("\n")
    for _ in range(dice.choice([1, 1, 2, 5])):
        dice.choice(MUTATIONS)(dice, lines)
    text = "\n".join(lines).encode()
    path.write_bytes(text[: dice.randrange(len(text))] if dice.random() < 0.05 else text)


def place_exists(problem):
    """Whether a problem is at a place of its file, or of none."""
    if problem.line == problem.column == 0:
        return True
    lines = Path(problem.file).read_bytes().decode(errors="replace").split("\n")
    return 1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1
