"""What our commands share: the config that they name, the outcome that they print, how they fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gatewayd.errors import ConfigError, GatewaydError, NeedsPersonError

EX_CONFIG = 78
"""The exit code for what does not get better by trying again (sysexits.h), such as a config that cannot be used."""

VARIABLE = "GATEWAYD_CONFIG"
USUAL_CONFIG = Path("/etc/gatewayd/gatewayd.toml")
_FILE: Any = click.Path(path_type=Path, readable=False)
CONFIG = click.argument("config", type=_FILE, envvar=VARIABLE, default=USUAL_CONFIG)
"""The config that is worked with: if none is named, that of the environment, else the usual one."""
OPTIONAL_CONFIG = click.argument("config", type=_FILE, envvar=VARIABLE, required=False)
"""The config of the gateway that is asked; without one whichever runs here."""
NAMED_CONFIG = click.argument("config", type=_FILE)
"""The same where more arguments follow: it must be named."""
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Everything, for machines.")


def guarded(work: Callable[[], Any]) -> Any:
    """Do the work; what we report ourselves is for the person at the keyboard, without a traceback."""
    try:
        return work()
    except (ConfigError, NeedsPersonError) as error:
        click.echo(str(error), err=True)
        sys.exit(EX_CONFIG)
    except GatewaydError as error:
        raise click.ClickException(str(error)) from error


def print_json(answer: Any) -> None:
    """Print what was asked for machines."""
    click.echo(json.dumps(answer, indent=2))
