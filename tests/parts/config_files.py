"""Config files of tests: a right one to begin with, and what is said about wrong ones."""

import pytest

from gatewayd.config import load
from gatewayd.errors import ConfigError

HEAD = """\
[gateway]
id = "test"
[mqtt]
url = "mqtt://127.0.0.1"
"""
SOURCE = """\
[sources.pump1]
plugin = "simulator"
"""
BASE = HEAD + SOURCE
FIRST = BASE.count("\n") + 1
"""The line that follows BASE."""


def write(folder, text, name="gatewayd.toml"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def loaded(folder, text):
    return load(write(folder, text))


def problems(folder, text, name="gatewayd.toml"):
    """What is said about a config that cannot be used, without the folder."""
    with pytest.raises(ConfigError) as caught:
        load(write(folder, text, name))
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]
