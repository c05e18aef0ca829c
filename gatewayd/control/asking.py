"""Asking: the side of the control socket that asks. The other one is `gatewayd.control.door`."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from gatewayd.errors import GatewaydError
from gatewayd.state.places import exists

PATIENCE = 5.0
"""Seconds that either side waits for the other."""
AGAIN = 0.05
"""Seconds between attempts to come in where many wait already, or nobody listens yet."""
BEGINNING = 0.5
"""Seconds that a gateway which starts may have a socket before it listens there."""


class ControlError(GatewaydError):
    """A running daemon could not be reached or did not understand."""


def ask(places: list[Path], command: str, patience: float = PATIENCE, **arguments: Any) -> Any:
    """Ask the daemon whose socket is at the first of `places` that has one, and wait so many seconds for its answer.

    Raises ControlError.
    """
    path = next((place for place in places if exists(place)), None)
    if path is None:
        looked = " nor ".join(str(place) for place in places)
        raise ControlError(
            f"no gatewayd is running: there is no control socket at {looked}; "
            "if one runs with another config, name that"
        )
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(patience)
            _connect(channel, path, patience)
            channel.sendall(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
            with channel.makefile("rb") as lines:
                line = lines.readline()
            answer = json.loads(line) if line else {"error": f"gatewayd at {path} has hung up: its log says why"}
    except PermissionError as error:
        raise ControlError(f"may not open {path}: run this as root or as the user that gatewayd runs as") from error
    except (OSError, ValueError) as error:
        raise ControlError(f"gatewayd does not answer at {path} ({error}): is it still running?") from error
    if not isinstance(answer, dict) or not answer.keys() & {"error", "result"}:
        raise ControlError(f"what answers at {path} is no gatewayd")
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer["result"]


def _connect(channel: socket.socket, path: Path, patience: float) -> None:
    """Wait for a turn where many ask at a time, and for one who is about to listen. Raises OSError."""
    began = time.monotonic()
    while True:
        try:
            return channel.connect(os.fspath(path))
        except (BlockingIOError, ConnectionRefusedError) as error:
            bound = patience if isinstance(error, BlockingIOError) else min(BEGINNING, patience)
            if time.monotonic() - began >= bound:
                raise
        time.sleep(AGAIN)
