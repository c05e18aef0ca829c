"""The report of accounts: what each plugin costs, and which sources cost more than they should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatewayd.report.words import Answer, table

MOST_GROWTH = 1_000_000
"""Bytes from which on growth is worth a line."""


def accounts(plugins: Mapping[str, Answer], sources: Sequence[Answer], seconds: float) -> Iterator[str]:
    """A row for each plugin, a line for what is odd about a source; `seconds` is how long the gateway has run."""
    heading = ("accounts", "calls", "failed", "ms a call", "longest ms", "over 20 ms", "time", "memory")
    yield from table(heading, [_row(plugin, each, seconds) for plugin, each in plugins.items()])
    processes: dict[int, list[Answer]] = {}
    for source in sources:
        yield from _odd(source)
        if source["process"]:
            processes.setdefault(source["process"]["pid"], []).append(source)
    for pid, sharing in processes.items():
        yield _process(pid, sharing)


def _row(plugin: str, account: Answer, seconds: float) -> Sequence[str]:
    calls = account["calls"]
    return (
        plugin,
        str(calls),
        str(account["failures"]),
        f"{1e3 * account['seconds'] / calls:.2f}" if calls else "",
        f"{1e3 * account['longest']:.1f}",
        str(account["holds"]),
        f"{100 * account['seconds'] / seconds:.2f} %" if seconds else "",
        _memory(account),
    )


def _memory(account: Answer) -> str:
    if account["memory"] is None:
        return ""
    return f"{account['memory'] / 1e6:.2f} MB ({account['growth'] / 1e6:+.2f})"


def _odd(source: Answer) -> Iterator[str]:
    account = source["accounts"]
    if account["holds"]:
        held = "its own process" if source["process"] else "the event loop"
        times = "once" if account["holds"] == 1 else f"{account['holds']} times"
        longest = f"{1e3 * account['longest']:.0f} ms at most"
        yield f"  {source['name']} held {held} for over 20 ms {times}, {longest}"
    if account["growth"] and account["growth"] >= MOST_GROWTH:
        yield f"  {source['name']} has grown by {account['growth'] / 1e6:.1f} MB"


def _process(pid: int, sharing: Sequence[Answer]) -> str:
    process = sharing[0]["process"]
    names = ", ".join(source["name"] for source in sharing)
    failures = f", after {process['failures']} that failed" if process["failures"] else ""
    return f"  process {pid} of {names} takes {process['memory'] / 1e6:.0f} MB{failures}"
