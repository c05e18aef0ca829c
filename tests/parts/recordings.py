"""Recordings of tests: a config of a rig whose channels are replayed, and CSV files of it."""

from datetime import UTC, datetime, timedelta

from click.testing import CliRunner
from config_files import HEAD, write

from gatewayd.cli import main

RIG = """\
[sources.rig]
plugin = "recording"
interval = "1s"
"""
HIGH = """\
[rules.high]
channel = "rig.pressure"
above = 6.0
for = "3s"
"""
BEGIN = datetime(2026, 11, 26, 10, tzinfo=UTC)


def rig(folder, rules=HIGH, sources=RIG):
    """The path of a config."""
    return write(folder, HEAD + sources + rules)


def csv(folder, columns, name="data.csv", *, times=None, heading="datetime"):
    """A recording, a row a second; `columns` are lists of cells by their headings."""
    count = len(next(iter(columns.values())))
    stamps = times or [f"{BEGIN + timedelta(seconds=n):%Y-%m-%d %H:%M:%S}" for n in range(count)]
    rows = [[heading, *columns], *([stamp, *cells] for stamp, *cells in zip(stamps, *columns.values(), strict=True))]
    return write(folder, "".join(",".join(map(str, row)) + "\n" for row in rows), name)


def pressure(high=range(10, 20), count=40):
    """Values of 5, but for some of 7."""
    return [7 if n in high else 5 for n in range(count)]


def replayed(*arguments):
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def run_tests(*arguments):
    return CliRunner().invoke(main, ["test", *map(str, arguments)])
