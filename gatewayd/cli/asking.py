"""What our commands share: the config that they name, the outcome that they print, how they fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gatewayd.errors import ConfigError, GatewaydError

EX_CONFIG = 78
"""The exit code for a config that cannot be used (sysexits.h); systemd need not try again."""

CONFIG = click.argument("config", type=click.Path(path_type=Path, readable=False))
OPTIONAL_CONFIG = click.argument("config", type=click.Path(path_type=Path, readable=False), required=False)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Everything, for machines.")


def guarded(work: Callable[[], Any]) -> Any:
    """Do the work; what we report ourselves is for the person at the keyboard, without a traceback."""
    try:
        return work()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(EX_CONFIG)
    except GatewaydError as error:
        raise click.ClickException(str(error)) from error


def print_json(answer: Any) -> None:
    """Print what was asked for machines."""
    click.echo(json.dumps(answer, indent=2))
