"""Commands about alarms of the past, of which evidence is kept: `alarm history`, `alarm show`.

They read the state folder, so that they work while the gateway does not run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatewayd.cli.asking import AS_JSON, OPTIONAL_CONFIG, guarded, print_json

if TYPE_CHECKING:
    from gatewayd.evidence import Kept


@click.command()
@OPTIONAL_CONFIG
@click.option("--last", default=20, show_default=True, help="How many at most.")
@AS_JSON
def history(config: Path | None, *, last: int, as_json: bool) -> None:
    """List the last alarms of which evidence is kept, the newest at the end."""
    from gatewayd.evidence import EvidenceError, opened  # noqa: PLC0415 - each command imports what it needs
    from gatewayd.report import evidence_list  # noqa: PLC0415

    found = []
    for each in _kept(config)[-last:]:
        try:
            found.append(opened(each.path))
        except EvidenceError as error:
            click.echo(f"left out: {error}", err=True)
    if as_json:
        print_json([each["alarm"] for each in found])
        return
    for line in evidence_list(found):
        click.echo(line)


@click.command()
@click.argument("alarm")
@OPTIONAL_CONFIG
@click.option(
    "--export", type=click.Path(path_type=Path), help="Write it to a folder as CSV, NPZ and JSON, or to FILE.zip."
)
@AS_JSON
def show(alarm: str, config: Path | None, *, export: Path | None, as_json: bool) -> None:
    """Show the evidence of ALARM: its id, or the name of its rule for the last one.

    It is what was known around that moment: causes, values, what is normal. `gatewayd replay` reads the values.csv that
    --export writes, `gatewayd analyse` the waveforms.
    """
    from gatewayd.evidence import exported, opened  # noqa: PLC0415
    from gatewayd.report import evidence_lines  # noqa: PLC0415

    path = _found(alarm, _kept(config)).path
    if export is not None:
        for each in guarded(lambda: exported(path, export)):
            click.echo(str(each))
        return
    evidence: Any = guarded(lambda: opened(path))
    if as_json:
        print_json(evidence)
        return
    for line in evidence_lines(evidence):
        click.echo(line)


def _kept(config: Path | None) -> list[Kept]:
    from gatewayd.control.whereabouts import evidence  # noqa: PLC0415
    from gatewayd.evidence import kept  # noqa: PLC0415
    from gatewayd.state.places import exists  # noqa: PLC0415

    places = guarded(lambda: evidence(config))
    folder = next((place for place in places if exists(place)), None)
    if folder is None:
        looked = " nor ".join(map(str, places))
        raise click.ClickException(f"there is no evidence at {looked}; if it has another state_dir, name its config")
    try:
        return kept(folder)
    except PermissionError as error:
        raise click.ClickException(
            f"may not read {folder}: run this as root or as the user that gatewayd runs as"
        ) from error


def _found(alarm: str, there: list[Kept]) -> Kept:
    """The last one of that id (or the beginning of one), or of that rule."""
    found = [each for each in there if each.rule == alarm or (len(alarm) >= 4 and each.id.startswith(alarm))]
    if not found:
        from gatewayd.config.words import did_you_mean  # noqa: PLC0415

        meant = did_you_mean(alarm, {each.rule for each in there}, "there is some of")
        raise click.ClickException(f"there is no evidence of {alarm!r}; {meant or 'nothing is kept of any alarm'}")
    return found[-1]
