"""Arguments of the commands: lengths of time, units, and entries of a device's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewayd.plugin import Duration
    from gatewayd_plugins.modbus.commissioning.dump import Entries

LAST_UNIT = 255
_UNITS = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


class Length(click.ParamType[Any]):
    """A length of time as in a config: `300ms`, `2s`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Duration:
        """Read it, or say what would be right."""
        from gatewayd.plugin import Duration  # noqa: PLC0415 - heavy, and not needed to show a help

        try:
            duration = value if isinstance(value, Duration) else Duration.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if duration <= 0:
            self.fail("nothing answers within no time", param, ctx)
        return duration


class Units(click.ParamType[Any]):
    """Units of devices: `1-20`, `1,5,17` or `3`."""

    name = "units"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Sequence[int]:
        """All of them, in their order, each once."""
        if not isinstance(value, str):
            return tuple(value)
        units: dict[int, None] = {}
        for part in value.split(","):
            found = _UNITS.fullmatch(part.strip())
            first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
            if not first <= last <= LAST_UNIT:
                self.fail(f"{part!r} are no units: write 1-20 or 1,5,17; the last one is {LAST_UNIT}", param, ctx)
            units |= dict.fromkeys(range(first, last + 1))
        return tuple(units)


class Registers(click.ParamType[Any]):
    """Entries of a device: `holding:100`, `40101`, or several: `holding:100-119`, `40101-40120`."""

    name = "register"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Entries:
        """Where they are, or what would be right."""
        from gatewayd_plugins.modbus.commissioning.dump import Entries, entries  # noqa: PLC0415

        try:
            return value if isinstance(value, Entries) else entries(str(value))
        except ValueError as error:
            self.fail(f"{error}; {getattr(error, 'fix', '')}", param, ctx)
