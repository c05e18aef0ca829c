"""Commands about recordings: `analyse`, `replay`, `test`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from gatewayd.cli.asking import NAMED_CONFIG, guarded


@click.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The page to write.  [default: FILE's name.html]")
@click.option("--column", help="The column to look at.  [default: all]")
@click.option("--rate", type=float, help="Values a second, if the file does not say it.")
@click.option("--unit", default="", help='What the values are in: "m/s2", "[g]" ...')
@click.option("--shaft", help='The speed of the shaft: "1480rpm" or "24.7Hz".')
@click.option("--blades", type=int, help="How many blades the pump has.")
@click.option("--severity", help='The machine by its standard: "ISO 10816-7 category 1 up to 200 kW" ...')
@click.option("--bearing", help='Its type: "6205", or balls,ball diameter,pitch diameter,angle: "9,7.94,39.04,0".')
@click.option("--band", type=(float, float), help="A band in Hz to look at: LOW HIGH.")
@click.option("--config", type=click.Path(path_type=Path), help="A config to try on the recording.")
@click.option("--as", "channel", help="The channel of the config that the recording stands for.")
def analyse(file: Path, output: Path | None, **known: Any) -> None:
    """Show the recording FILE (CSV, WAV, NPZ) as a page: waveform, spectra, features, what a bearing shows."""
    _check_pictures()
    from gatewayd.analysis.command import write  # noqa: PLC0415

    click.echo(guarded(lambda: write(file, output, known)))


@click.command()
@NAMED_CONFIG
@click.argument("data", type=click.Path(path_type=Path, readable=False), nargs=-1, required=True)
@click.option("--rows", type=click.Path(path_type=Path), help="Write datetime,anomaly,changepoint,score of every row.")
@click.option("--page", type=click.Path(path_type=Path), help="Write a page with pictures of channels and alarms.")
@click.option("--as", "source", help="The source, or the channel of waveforms, that the recording is of.")
@click.option("--column", help="Of a waveform: the column to take, if DATA has several.")
@click.option("--rate", type=float, help="Of a waveform: values a second, if DATA does not say it.")
@click.option("--continue", "as_one", is_flag=True, help="DATA are parts of one recording: go on from file to file.")
@click.option("--json", "as_json", is_flag=True, help="Say it for machines: one JSON object a recording.")
def replay(config: Path, **options: Any) -> None:
    """Replay recordings: which alarms CONFIG would have raised on DATA, when, and why.

    DATA are CSV files with a heading, a column of times (datetime, timestamp, time ...) and a column for each channel,
    or what the gateway itself has recorded ([record]). Columns called anomaly, label or changepoint are never judged:
    the alarms are compared with them. Each file is replayed by itself, and models learn anew, unless --continue is
    given. With several files --rows and --page are folders.
    """
    from gatewayd.replay.command import Task, run  # noqa: PLC0415

    if options["page"] is not None:
        _check_pictures()
    warn = partial(click.echo, err=True)
    gc.disable()  # what is no longer used is found without it, too, and it takes a fifth of the time
    try:
        guarded(lambda: run(Task(config=config, **options), _progress, click.echo, warn))
    finally:
        gc.enable()


@click.command()
@NAMED_CONFIG
@click.argument("name", nargs=-1)
def test(config: Path, name: tuple[str, ...]) -> None:
    """Run the tests of CONFIG, all or those called NAME.

    A test is a table [tests.NAME] of CONFIG with recording = "FILE" (as for `gatewayd replay`; relative to CONFIG) and
    expect, a list of the alarms that it must raise, such as ["overpressure at 60s for 5s"]. An alarm that is not
    expected is a failure, too. The exit code is 1 when a test has failed.
    """
    from gatewayd.replay.trials import run  # noqa: PLC0415

    if not guarded(lambda: run(config, name, click.echo)):
        sys.exit(1)


def _check_pictures() -> None:
    """Say so before all the work when no pictures can be drawn."""
    if find_spec("matplotlib") is None:
        raise click.ClickException("pictures need matplotlib: pip install 'gatewayd[analyse]'")


@contextmanager
def _progress(size: int) -> Iterator[Callable[[int], Any]]:
    """A bar on standard error, if anybody sees it."""
    if not sys.stderr.isatty():
        yield int
        return
    with click.progressbar(length=size, file=sys.stderr) as bar:
        yield bar.update
