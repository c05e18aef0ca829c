"""`gatewayd doctor`: what is wrong on this machine, and what to do about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewayd.cli.asking import AS_JSON, OPTIONAL_CONFIG, USUAL_CONFIG, print_json

if TYPE_CHECKING:
    from gatewayd.doctor import Finding


@click.command()
@OPTIONAL_CONFIG
@AS_JSON
def doctor(config: Path | None, *, as_json: bool) -> None:
    """Look at clock, disk, permissions, ports, adapters, broker, service; say how to mend what is wrong.

    Best as root. Without CONFIG it looks at /etc/gatewayd/gatewayd.toml, if that is there. Nothing is changed, and a
    gateway that runs is not disturbed. The exit code is 1 when there is a problem; warnings do not count.
    """
    from dataclasses import asdict  # noqa: PLC0415 - each command imports what it needs

    from gatewayd.doctor import Grade, examined  # noqa: PLC0415
    from gatewayd.state.places import exists  # noqa: PLC0415

    findings = []
    for finding in examined(config or (USUAL_CONFIG if exists(USUAL_CONFIG) else None)):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        print_json([asdict(each) for each in findings])
    sys.exit(any(each.grade is Grade.PROBLEM for each in findings))


def _line(finding: Finding) -> str:
    line = f"{finding.grade:<8} {finding.check}: {finding.what}"
    return f"{line}\n         -> {finding.remedy}" if finding.remedy else line
