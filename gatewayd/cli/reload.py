"""The commands `diff` and `reload`: what a changed config leads to in the gateway that runs here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gatewayd.cli.asking import AS_JSON, OPTIONAL_CONFIG, guarded, print_json

PATIENCE = 65.0
"""Seconds to wait: the gateway itself answers within 60, if only that it takes longer."""


@click.command()
@OPTIONAL_CONFIG
@AS_JSON
def diff(config: Path | None, *, as_json: bool) -> None:
    """Tell what a reload would change in the running gateway, and what would be kept. Nothing is done.

    CONFIG says which gateway is meant, if there are several or it has a state_dir; the file that it runs with is read.
    """
    _ask(config, "diff", as_json=as_json)


@click.command()
@OPTIONAL_CONFIG
@AS_JSON
def reload(config: Path | None, *, as_json: bool) -> None:
    """Have the running gateway read its config again, and tell what that has changed.

    A config with errors changes nothing. CONFIG says which gateway is meant, as with `diff`.
    """
    _ask(config, "reload", as_json=as_json)


def _ask(config: Path | None, command: str, *, as_json: bool) -> None:
    from gatewayd.control.asking import ask  # noqa: PLC0415 - each command imports what it needs
    from gatewayd.control.whereabouts import doors  # noqa: PLC0415
    from gatewayd.report.changes import change_lines  # noqa: PLC0415

    answer: dict[str, Any] = guarded(lambda: ask(doors(config), command, PATIENCE))
    if as_json:
        print_json(answer)
        return
    for line in change_lines(answer):
        click.echo(line)
