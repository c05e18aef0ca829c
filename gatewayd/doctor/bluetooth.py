"""Bluetooth: whether the adapters of the config are there and switched on, and bluetoothd runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewayd.doctor.finding import Finding, ok, problem

CHECK = "bluetooth"
ADAPTERS = Path("/sys/class/bluetooth")
BUS = Path("/run/dbus/system_bus_socket")


@dataclass(frozen=True, slots=True)
class Facts:
    """The adapters that the config wants, those that are there, those that are blocked; who is there to serve them."""

    wanted: tuple[str, ...]
    there: tuple[str, ...]
    blocked: tuple[str, ...]
    bus: bool
    daemon: bool


def look(wanted: Iterable[str]) -> Facts:
    """Look at the machine's."""
    there = sorted(each.name for each in ADAPTERS.glob("hci*") if ":" not in each.name)
    blocked = [name for name in there if _is_blocked(ADAPTERS / name)]
    return Facts(tuple(wanted), tuple(there), tuple(blocked), BUS.exists(), _runs("bluetoothd"))


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means; nothing, where the config has no Bluetooth."""
    if not facts.wanted:
        return
    if not facts.bus or not facts.daemon:
        who = "bluetoothd" if facts.bus else "the D-Bus"
        fix = "apt install bluez dbus && systemctl enable --now bluetooth"
        yield problem(CHECK, f"{who} does not run", fix)
    for name in facts.wanted:
        if name not in facts.there:
            others = ", ".join(facts.there)
            fix = f"name one that is: {others}" if others else "plug one in; `dmesg` tells whether it was found"
            yield problem(CHECK, f"there is no adapter {name}", fix)
        elif name in facts.blocked:
            yield problem(CHECK, f"{name} is switched off (rfkill)", "rfkill unblock bluetooth")
        elif facts.daemon:
            yield ok(CHECK, f"{name} is there, and bluetoothd runs")


def _is_blocked(adapter: Path) -> bool:
    return any(_text(each / kind) == "1" for each in adapter.glob("rfkill*") for kind in ("soft", "hard"))


def _runs(name: str) -> bool:
    return any(_text(each) == name for each in Path("/proc").glob("[0-9]*/comm"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
