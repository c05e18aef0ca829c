"""The process `gatewayd ...`, also as `python -m gatewayd`: `run` heeds signals from its beginning."""

import sys

from gatewayd import early


def main() -> None:
    """Do what the command line says."""
    if sys.argv[1:2] == ["run"]:
        early.heed()
    from gatewayd.cli import main as commands  # noqa: PLC0415 - it takes a while
    from gatewayd.cli.output import spoken  # noqa: PLC0415 - it needs what the other does

    spoken(commands)


if __name__ == "__main__":
    main()
