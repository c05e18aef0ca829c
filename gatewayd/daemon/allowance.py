"""The allowance: what each part of the state folder may take of the disk at most, by a config."""

from __future__ import annotations

from gatewayd.config import Settings
from gatewayd.uplink import outbox_budget


def allowance(settings: Settings) -> dict[str, int]:
    """Bytes for each part, by its name."""
    kept = {"record": settings.record.max_size, "evidence": settings.evidence.max_size}
    parts = {**outbox_budget(settings.outbox.max_size), **kept}
    return {name: int(size) for name, size in parts.items()}  # those of the config are Sizes, which JSON does not know
