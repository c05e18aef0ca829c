"""How well models judge a real pump: SKAB's recordings through `gatewayd replay`, beside baselines that read nothing.

Every figure comes from the command that a user would type, with examples/skab.toml, or with its two lines about
learning changed. The recordings are read in place (../shared/data/skab); nothing is measured where they are not.
With `--write` the tables are put into docs/results.md, with `--brief` only the first one is measured, without the cuts.
It exits with 1 when a goal is missed.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scoring import Changes, Judged, Rows, by_change, by_row, read_labels, read_rows

from gatewayd.cli import main as gatewayd

HERE = Path(__file__).parent
SKAB = HERE.parents[1] / "shared" / "data" / "skab"
EXAMPLE = HERE.parent / "examples" / "skab.toml"
RESULTS = HERE.parent / "docs" / "results.md"
BEGIN, END = "<!-- written by benchmarks/skab.py -->", "<!-- end -->"
BRIEF = "--brief" in sys.argv
LEARNED = 400
CUTS = (0, 40, 80, 120)
HOUR = 3600
PIECE = 1150
HALVES = 200

Change = Callable[[list[str], list[list[str]]], tuple[list[str], list[list[str]]]]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where configs, changed recordings and results are kept for the time being."""

    folder: Path
    missed: list[str] = field(default_factory=list)
    """The goals that were."""

    def hold(self, what: str, *, reached: bool) -> None:
        """Note a goal that was missed."""
        if not reached:
            self.missed.append(what)

    def config(self, *, sensitive: bool, learn: int = LEARNED) -> Path:
        """The example as it is, or with other lines about learning."""
        text = EXAMPLE.read_text()
        text = re.sub(r"learn = \d+", f"learn = {learn}", text)
        if not sensitive:
            text = re.sub(r"^sensitivity = .*\n", "", text, flags=re.MULTILINE)
        path = self.folder / f"{'sensitive' if sensitive else 'default'}-{learn}.toml"
        path.write_text(text)
        return path

    def rows(self, config: Path, recording: Path) -> Path:
        """What the command writes."""
        out = self.folder / "rows.csv"
        arguments = ["replay", str(config), str(recording), "--rows", str(out), "--json"]
        with redirect_stdout(io.StringIO()):
            gatewayd.main(args=arguments, standalone_mode=False)
        return out

    def judged(self, config: Path, recording: Path, *, cut: int = 0, change: Change | None = None) -> Judged:
        """One recording, of which `cut` rows are left out at the front."""
        seconds, anomaly, changes = read_labels(recording)
        source = recording
        if cut or change:
            source = self.folder / "recording.csv"
            _rewrite(recording, source, cut, change or (lambda heading, rows: (heading, rows)))
        alarm, told = read_rows(self.rows(config, source))
        known, scored = slice(cut + LEARNED, None), slice(LEARNED, None)
        return Judged(seconds[known], anomaly[known], changes[known], alarm[scored], told[scored])


def _rewrite(recording: Path, target: Path, cut: int, change: Change) -> None:
    with recording.open(newline="") as file:
        heading, *rows = csv.reader(file, delimiter=";")
    heading, rows = change(heading, rows[cut:])
    with target.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows([heading, *rows])


def renamed_and_rescaled(heading: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Other names, another order, other units (one of them upside down): what is measured stays the same."""
    channels = [column for column in range(1, len(heading)) if heading[column] not in ("anomaly", "changepoint")]
    labels = [column for column in range(1, len(heading)) if column not in channels]
    names = ["datetime", *(heading[column] for column in labels), *(f"c{n}" for n in range(len(channels)))]
    turned = channels[::-1]
    return names, [
        [row[0], *(row[column] for column in labels)]
        + [repr(float(row[column]) * (-40.0 if n == 0 else 1000.0) + 7.0) for n, column in enumerate(turned)]
        for row in rows
    ]


def recordings() -> list[Path]:
    """All that have labels."""
    folders = (SKAB / "valve1", SKAB / "valve2", SKAB / "other")
    return [path for folder in folders for path in sorted(folder.glob("*.csv"), key=lambda each: int(each.stem))]


def labelled(bench: Bench) -> None:
    """The recordings with faults."""
    print(f"{len(recordings())} recordings, each learned on its first {LEARNED} rows, the rest scored.\n")
    print("| | F1 | false alarms | missed | MCC | changes: F1 | found | false |")
    print("|---|---|---|---|---|---|---|---|")
    for name, sensitive in (("`examples/skab.toml`", True), ("default sensitivity", False)):
        config = bench.config(sensitive=sensitive)
        judged = [bench.judged(config, path) for path in recordings()]
        rows, changes = by_row(judged), by_change(judged)
        _row(name, rows, changes)
        if sensitive:
            first = judged
            bench.hold("F1 0.83, 24 % false, 16 % missed, MCC 0.62", reached=_good(rows))
            bench.hold("F1 of changes 0.60", reached=changes.f1 >= 0.60)
        else:
            bench.hold("F1 of the default 0.75", reached=rows.f1 >= 0.75)
    if BRIEF:
        return
    config = bench.config(sensitive=True)
    other = [bench.judged(config, path, change=renamed_and_rescaled) for path in recordings()]
    _row("the same, columns renamed, reordered, rescaled", by_row(other), by_change(other))
    for cut in CUTS[1:]:
        short = [bench.judged(config, path, cut=cut) for path in recordings()]
        _row(f"the same, {cut} rows cut off the front", by_row(short), by_change(short))
        bench.hold(f"MCC 0.58 with {cut} rows cut off", reached=by_row(short).mcc >= 0.58)
    for name, baseline in BASELINES.items():
        blind = [baseline(each) for each in first]
        _row(f"*blind: {name}*", by_row(blind), by_change(blind))
    _halves(first)


def _row(name: str, rows: Rows, changes: Changes) -> None:
    found = f"{changes.labelled - changes.missed} of {changes.labelled}"
    shares = f"{rows.f1:.3f} | {rows.false_alarms:.1%} | {rows.missed:.1%} | {rows.mcc:.3f}"
    print(f"| {name} | {shares} | {changes.f1:.3f} | {found} | {changes.false} |", flush=True)


def _good(rows: Rows) -> bool:
    return rows.f1 >= 0.83 and rows.false_alarms <= 0.24 and rows.missed <= 0.16 and rows.mcc >= 0.62


def _halves(judged: Sequence[Judged]) -> None:
    """How far the figure depends on which recordings there are."""
    rng = np.random.default_rng(1)
    scores = [
        by_row([judged[n] for n in rng.choice(len(judged), len(judged) // 2, replace=False)]).f1 for _ in range(HALVES)
    ]
    spread = f"{statistics.mean(scores):.3f} ± {statistics.stdev(scores):.3f}, at least {min(scores):.3f}"
    print(f"\nF1 of `examples/skab.toml` on {HALVES} random halves of the recordings: {spread}.")


def _always(each: Judged) -> Judged:
    return _blind(each, np.ones(len(each.alarm), dtype=bool))


def _from_row_572(each: Judged) -> Judged:
    return _blind(each, np.arange(len(each.alarm)) + LEARNED >= 572)


def _blind(each: Judged, alarm: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Judged:
    """With a change told once a minute."""
    told = np.arange(len(alarm)) % 60 == 0
    return Judged(each.seconds, each.anomaly, each.change, alarm, told)


BASELINES: dict[str, Callable[[Judged], Judged]] = {
    "always an alarm, a change every 60 rows": _always,
    "an alarm from row 572 on (a clock)": _from_row_572,
}


def healthy(bench: Bench) -> None:
    """The recording without a fault."""
    recording = SKAB / "anomaly-free" / "anomaly-free.csv"
    print("\nThe healthy pump: the share of rows in alarm, in pieces of 400 learned and 750 judged rows.\n")
    print("| | mean | worst piece | changes told a piece | after an hour of learning |")
    print("|---|---|---|---|---|")
    for name, sensitive in (("default sensitivity", False), ("`examples/skab.toml`", True)):
        shares, changes = zip(*_pieces(bench, bench.config(sensitive=sensitive), recording), strict=True)
        alarm, _ = read_rows(bench.rows(bench.config(sensitive=sensitive, learn=HOUR), recording))
        mean, worst = statistics.mean(shares), max(shares)
        bench.hold(f"{name}: a quiet healthy pump", reached=mean <= (0.30 if sensitive else 0.10))
        bench.hold(f"{name}: quiet after an hour", reached=sensitive or alarm[HOUR:].mean() <= 0.02)
        print(f"| {name} | {mean:.1%} | {worst:.1%} | {statistics.mean(changes):.1f} | {alarm[HOUR:].mean():.1%} |")


def _pieces(bench: Bench, config: Path, recording: Path) -> Iterable[tuple[float, int]]:
    with recording.open(newline="") as file:
        count = sum(1 for _ in file) - 1
    target = bench.folder / "piece.csv"
    for begin in range(0, count - PIECE + 1, PIECE // 2):
        _rewrite(recording, target, begin, lambda heading, rows: (heading, rows[:PIECE]))
        alarm, told = read_rows(bench.rows(config, target))
        yield float(alarm[LEARNED:].mean()), int(told[LEARNED:].sum())


def main() -> None:
    """Print all tables, or write them."""
    if not recordings():
        print(f"skipped: there are no recordings in {SKAB}")
        return
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        tables = io.StringIO()
        with redirect_stdout(tables if "--write" in sys.argv else sys.stdout):
            labelled(bench)
            if not BRIEF:
                healthy(bench)
    if "--write" in sys.argv:
        page = RESULTS.read_text()
        before, rest = page.split(BEGIN)
        RESULTS.write_text(f"{before}{BEGIN}\n{tables.getvalue()}{END}{rest.split(END)[1]}")
    if bench.missed:
        sys.exit(f"missed: {'; '.join(bench.missed)}")


if __name__ == "__main__":
    main()
