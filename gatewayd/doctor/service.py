"""The service: whether systemd knows the gateway, starts it at boot, and has it running."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from gatewayd.doctor.finding import Finding, ok, problem, warning

CHECK = "service"
UNIT = "gatewayd.service"
ASKED = ("LoadState", "UnitFileState", "ActiveState", "NRestarts", "ExecMainStatus", "NeedDaemonReload")
LIMIT = 5.0
"""Seconds that systemctl may take."""
EX_CONFIG = "78"
INSTALL = "cp VENV/lib/systemd/system/gatewayd.service /etc/systemd/system/ && systemctl enable --now gatewayd"

_CREDENTIAL = re.compile(r"^\s*(?:Load|Set)Credential(?:Encrypted)?=([^:\s]+)", re.MULTILINE)

Facts = Mapping[str, str]
"""The unit's properties, as `systemctl show` names them; none where systemd does not run."""


def look() -> Facts:
    """Ask systemd."""
    shown = _systemctl("show", f"--property={','.join(ASKED)}")
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def credentials() -> frozenset[str]:
    """The names of the files that systemd hands over to the gateway, which need not be able to read them itself."""
    return frozenset(_CREDENTIAL.findall(_systemctl("cat")))


def _systemctl(command: str, *options: str) -> str:
    if not Path("/run/systemd/system").is_dir():
        return ""
    asking = ["systemctl", command, UNIT, *options]
    try:
        return subprocess.run(asking, capture_output=True, text=True, timeout=LIMIT, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    state, start = facts.get("ActiveState", ""), facts.get("UnitFileState", "")
    if not facts:
        yield ok(CHECK, "systemd does not run here: whoever starts gatewayd must start it again when it ends")
        return
    if facts.get("LoadState") != "loaded":
        yield warning(CHECK, f"there is no unit {UNIT}: nobody starts gatewayd after a power cut", INSTALL)
        return
    if start not in ("enabled", "enabled-runtime", "static"):
        yield warning(CHECK, f"it is {start or 'not enabled'}: it is not started at boot", "systemctl enable gatewayd")
    if state == "failed":
        config = facts.get("ExecMainStatus") == EX_CONFIG
        fix = "gatewayd check says why" if config else "journalctl -u gatewayd -n 50 says why"
        yield problem(CHECK, "it has failed", f"{fix}; then systemctl restart gatewayd")
    elif state != "active":
        yield warning(CHECK, f"it is {state}", "systemctl start gatewayd")
    elif (restarts := facts.get("NRestarts", "0")) != "0":
        fix = "journalctl -u gatewayd -p warning says why"
        yield warning(CHECK, f"it is active, but was started again {restarts} times after it had ended by itself", fix)
    else:
        yield ok(CHECK, "it is active")
    if facts.get("NeedDaemonReload") == "yes":
        yield warning(CHECK, "its unit was changed since", "systemctl daemon-reload && systemctl restart gatewayd")
