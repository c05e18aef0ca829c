"""Ports where nobody listens, and which nobody is given by chance before they are used."""

import random
import socket

BELOW = range(15_000, 32_000)
"""Below those from which the kernel takes the port of a connection, or of a server that asks for any."""


def free_port():
    """A port that nothing listened on a moment ago."""
    for port in random.SystemRandom().sample(BELOW, 100):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("a hundred ports are taken")
