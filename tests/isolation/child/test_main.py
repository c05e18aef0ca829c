"""How a child comes by its sources, and what it says when it cannot have them."""

import socket

import fake_plugins
import pytest

from gatewayd.isolation.child.main import set_up
from gatewayd.isolation.child.wire import Wire
from gatewayd.isolation.messages import HEAD, Setup, framed, received

MOODY = """
import sys
from gatewayd.plugin import Block, Channel, Source, hookimpl
from dataclasses import dataclass

@dataclass
class Moody(Source):
    mood: str

    def __post_init__(self):
        if self.mood == "leave":
            sys.exit("goodbye")
        if self.mood == "panic":
            raise BaseException(self.mood)
        if self.mood == "refuse":
            raise ValueError("no such luck")

    def declare(self):
        return [Channel("level")]

@hookimpl
def register_sources(register):
    register("moody", Moody)
"""


@pytest.fixture
def ends(tmp_path, monkeypatch):
    fake_plugins.install(monkeypatch, tmp_path, "moody", MOODY)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def started(ends, mood):
    """A child whose one source is in this mood."""
    ours, theirs = ends
    table = {"plugin": "moody", "interval": "1s", "mood": mood}
    ours.sendall(framed(Setup({"tank": table}, {}, 1.0)))
    return set_up(Wire(theirs))


async def test_it_has_the_sources_that_it_is_told(ends):
    child = started(ends, "cheerful")
    assert child._ready().groups == [("tank", ["tank.level"])]


WHY = {
    "refuse": "no such luck",
    "leave": 'plugin "moody" cannot be set up (SystemExit: goodbye)',
    "panic": 'plugin "moody" cannot be set up (BaseException: panic)',
    5: "mood: expected text, got 5",
}


@pytest.mark.parametrize(("mood", "why"), WHY.items())
def test_it_says_why_it_cannot_have_one(ends, mood, why):
    assert started(ends, mood) is None
    (length,) = HEAD.unpack(ends[0].recv(HEAD.size))
    assert why in received(ends[0].recv(length)).why
