"""Memory: what all windows together may hold."""

from __future__ import annotations

from gatewayd.config.findings import Place

MOST_HELD = 2_000_000
"""The values that all windows together may hold."""
BYTES = 16
"""What a value takes in a window."""


class Memory:
    """How many values the windows planned so far hold."""

    def __init__(self) -> None:
        self._held = 0

    def take(self, values: int, place: Place) -> None:
        """Take room for a window, or note that those before it have left too little."""
        held = self._held + values
        if held > MOST_HELD:
            what = f"the windows up to this one hold {_sized(held)}"
            place.wrong(what, f"shorten it, or match fewer channels: at most {_sized(MOST_HELD)} are possible")
        else:
            self._held = held


def _sized(values: int) -> str:
    return f"{values} values ({values * BYTES // 1_000_000} MB)"
