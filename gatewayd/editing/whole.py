"""The whole sample: our own commented config with every key. It imports nothing, so that it is printed at once."""

from __future__ import annotations

from pathlib import Path


def whole_sample() -> str:
    """A whole config with every key of ours."""
    return Path(__file__).with_name("sample.toml").read_text(encoding="utf-8")
