"""Commands for those who edit a config: `explain`, `sample`, `schema`."""

from __future__ import annotations

from pathlib import Path

import click

from gatewayd.cli import completing
from gatewayd.cli.asking import AS_JSON, CONFIG, guarded, print_json


@click.command()
@click.argument("channel", metavar="CHANNEL|TABLE", shell_complete=completing.explained)
@CONFIG
@AS_JSON
def explain(channel: str, config: Path, *, as_json: bool) -> None:
    """Show where CHANNEL (pump1.pressure) comes from, and which features, models and rules it goes to.

    The same of a source, a feature, a model, a rule or another TABLE: rules.dry, or dry alone. Nothing is opened, and
    no gateway need run.
    """
    from gatewayd.config import load  # noqa: PLC0415 - each command imports what it needs
    from gatewayd.config.text.whereabouts import Whereabouts  # noqa: PLC0415
    from gatewayd.explain import Lineage, lines  # noqa: PLC0415

    loaded = guarded(lambda: load(config, offline=True))
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    told = guarded(lambda: Lineage(loaded, Whereabouts(config).of).of(channel))
    if as_json:
        print_json(told)
        return
    for line in lines(told):
        click.echo(line)


@click.command()
@click.argument("plugin", required=False, shell_complete=completing.plugins)
def sample(plugin: str | None) -> None:
    """Print a whole config with all its keys, or what a source of PLUGIN (modbus) may have, with comments.

    Lines that begin with one # show the defaults; to change one, remove the #.
    """
    if plugin is None:
        from gatewayd.editing.whole import whole_sample  # noqa: PLC0415

        click.echo(whole_sample(), nl=False)
        return
    from gatewayd.editing.samples import plugin_sample  # noqa: PLC0415
    from gatewayd.registry.registry import Registry  # noqa: PLC0415

    click.echo(guarded(lambda: plugin_sample(plugin, Registry())), nl=False)


@click.command()
@click.option("--part", is_flag=True, help="Of a file in conf.d, in which no table must be there.")
def schema(*, part: bool) -> None:
    """Print the JSON Schema of a config, with the options of the installed plugins, for editors that know such.

    They complete keys and mark errors when the first line of the config is `#:schema ./gatewayd.schema.json`.
    """
    from gatewayd.editing.schema import whole_schema  # noqa: PLC0415
    from gatewayd.registry.registry import Registry  # noqa: PLC0415

    print_json(whole_schema(Registry(), part=part))
