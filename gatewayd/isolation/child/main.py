"""The main program of a child: belong to the gateway, hear which sources it has, poll them to the end."""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.sources.tables import SourceTables
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.errors import GatewaydError
from gatewayd.foreign import OURS, raised
from gatewayd.isolation.child.child import Child
from gatewayd.isolation.child.log import forward_logs
from gatewayd.isolation.child.wire import Wire
from gatewayd.isolation.messages import Unfit
from gatewayd.registry.registry import Registry

PR_SET_PDEATHSIG = 1
FIRST_TO_GO = "500"
"""When memory runs out, the kernel ends this process and not the gateway."""


def main(descriptor: int) -> None:
    """Do what the gateway at the other end of `descriptor` says, until it says stop or is gone."""
    _belong_to_the_gateway()
    wire = Wire(socket.socket(fileno=descriptor))
    forward_logs(wire.send)
    child = set_up(wire)
    if child is not None:
        gc.freeze()  # what is loaded stays
        asyncio.run(_to_the_end(child))


def set_up(wire: Wire) -> Child | None:
    """The child with the sources that the gateway names; none if they cannot be had, which the gateway is told."""
    setup = wire.first()
    try:
        sources, plan = configured(setup.tables)
    except OURS:
        raise
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        wire.send(Unfit(str(error) if isinstance(error, GatewaydError) else raised(error)))
        return None
    return Child(setup, sources, plan, wire)


def configured(tables: Mapping[str, Mapping[str, Any]]) -> tuple[list[ConfiguredSource], Plan]:
    """The sources of these tables, as the config makes them, and a plan of them alone. Raises GatewaydError."""
    draft, place = Draft(), Place()
    made = SourceTables(Registry(), draft, {})
    for name, table in tables.items():
        made.add(name, table, place.at("sources", name))
    if place.findings:
        raise GatewaydError("; ".join(finding.what for finding in place.findings))
    return list(made.sources.values()), Plan(tuple(draft.channels), tuple(draft.groups))


async def _to_the_end(child: Child) -> None:
    await child.run()
    sys.stdout.flush()
    os._exit(0)  # neither a task nor a thread of a plugin can keep it from ending


def _belong_to_the_gateway() -> None:
    """End with it, and only because of it: what a terminal or systemd sends to all is meant for the gateway."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN: programs that a plugin starts would inherit it
    faulthandler.enable()
    with suppress(OSError):  # some sandboxes do not let us
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)
