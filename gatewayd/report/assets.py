"""The report of assets: what `gatewayd maintenance list` prints."""

from __future__ import annotations

from collections.abc import Iterator

from gatewayd.report.words import Answer, ago, for_now, table


def asset_lines(answer: Answer) -> Iterator[str]:
    """All assets, and which of them are in maintenance."""
    within = {each["asset"]: each for each in answer["maintenance"]}
    rows = [(name, _state(within.get(name)), ", ".join(sources)) for name, sources in answer["assets"].items()]
    yield from table(("asset", "maintenance", "sources"), rows)


def _state(maintained: Answer | None) -> str:
    if maintained is None:
        return "no"
    return f"since {ago(maintained['since']).removesuffix(' ago')}, {for_now(maintained['left'])}"
