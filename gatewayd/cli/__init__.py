"""The command line: `gatewayd run`, `check`, `status`, `replay` ..., and what plugins add (`demo`)."""

from __future__ import annotations

import click

from gatewayd import __version__
from gatewayd.cli.doctor import doctor
from gatewayd.cli.editing import explain, sample, schema
from gatewayd.cli.gateway import check, plugins, run, status, version
from gatewayd.cli.group import Commands
from gatewayd.cli.moving import move
from gatewayd.cli.operate import alarm, maintenance, model, write
from gatewayd.cli.past import history, show
from gatewayd.cli.plan import plan
from gatewayd.cli.plugin import plugin
from gatewayd.cli.recordings import analyse, replay, test
from gatewayd.cli.reload import diff, reload
from gatewayd.cli.watch import top


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gatewayd", message="%(prog)s %(version)s")
def main() -> None:
    """Poll pump sensors, judge what they say, and report over MQTT."""


alarm.add_command(history)
alarm.add_command(show)
for each in (run, check, plan, status, alarm, model, maintenance, write, analyse, replay, test):
    main.add_command(each)
for each in (diff, reload, explain, sample, schema):
    main.add_command(each)
for each in (doctor, move, top, plugins, plugin, version):
    main.add_command(each)
