"""A D-Bus of our own: a `dbus-daemon` that nobody else talks to, in the place of the system's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"
STOP_LIMIT = 5.0
"""Seconds that the daemon may take to end."""


def available() -> bool:
    """Whether there is a `dbus-daemon` on this machine (the package `dbus`)."""
    return shutil.which("dbus-daemon") is not None


class PrivateBus:
    """A bus that whoever asks for the system's finds instead, while the `with` block lasts.

    It may be stopped and started again meanwhile, as the system's may be gone at start and come later.
    """

    def __init__(self) -> None:
        self._folder = Path()
        self._daemon: subprocess.Popen[bytes] | None = None
        self._before: str | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"unix:path={self._folder / 'bus'}"

    def start(self) -> None:
        """Start the daemon; it listens when this returns."""
        config = self._folder / "bus.conf"
        config.write_text(CONFIG.format(address=self.address))
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"]
        self._daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
        if self._daemon.stdout is None or not self._daemon.stdout.readline():
            raise RuntimeError("dbus-daemon does not start")

    def stop(self) -> None:
        """End the daemon: all connections to it break."""
        if self._daemon is None:
            return
        self._daemon.terminate()
        self._daemon.wait(STOP_LIMIT)
        if self._daemon.stdout is not None:
            self._daemon.stdout.close()
        self._daemon = None
        (self._folder / "bus").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="gatewayd-bus-"))
        self._before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = self.address
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)
        if self._before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = self._before
