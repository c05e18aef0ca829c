"""The signpost: a link in the folder that systemd gives to the control socket of a gateway with another folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from gatewayd.beside import beside
from gatewayd.state.disk import make_way
from gatewayd.state.places import SOCKET, given_folder

log = structlog.get_logger()


LEAVE = 1.0
"""Seconds that a disk may take to let it be taken down."""


@asynccontextmanager
async def signpost(control: Path) -> AsyncIterator[Signpost]:
    """Where systemd's state folder is not the one in use, a link in it to our control socket.

    So `systemctl reload`, and whoever names no config, finds the gateway wherever its folder is.
    """
    folder = given_folder()
    needed = folder is not None and folder.resolve() != control.parent.resolve() and not _is_alive(folder / SOCKET)
    sign = Signpost(folder / SOCKET if folder is not None and needed else None, control.absolute())
    sign.renew()
    try:
        yield sign
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE):
                await beside(sign.take_down)


class Signpost:
    """A link at `post` (None: there is need of none) to the socket `control`."""

    def __init__(self, post: Path | None, control: Path) -> None:
        self._post = post
        self._control = control
        self._failing = False

    def renew(self) -> None:
        """Put it up, or up again; takes as long as the disk does. Never raises: that it fails is told once."""
        if self._post is None:
            return
        try:
            if not self._is_ours(self._post) and not _is_alive(self._post):
                make_way(self._post, lambda there: there.is_symlink() or there.is_socket())
                self._post.unlink(missing_ok=True)
                self._post.symlink_to(self._control)
        except OSError as error:
            if not self._failing:
                log.warning("control_sign_refused", path=str(self._post), reason=str(error))
            self._failing = True
        else:
            self._failing = False

    def take_down(self) -> None:
        """Remove it, if it is there."""
        with contextlib.suppress(OSError):  # the disk may have turned read-only
            if self._post is not None and self._is_ours(self._post):
                self._post.unlink()

    def _is_ours(self, post: Path) -> bool:
        return post.is_symlink() and post.readlink() == self._control


def _is_alive(post: Path) -> bool:
    """Whether a gateway listens just there; where we may not look it is none of ours to find out."""
    try:
        if post.is_symlink() or not post.is_socket():
            return False
    except OSError:
        return False
    with socket.socket(socket.AF_UNIX) as channel, contextlib.suppress(OSError):
        channel.setblocking(False)
        with contextlib.suppress(BlockingIOError):  # it is there, and crowded
            channel.connect(os.fspath(post))
        return True
    return False
