"""Ownership: an outbox belongs to the gateway of one id; for another one a new outbox begins in its place.

A receiver tells gateways apart by their ids. Under a new id it has seen no number, so an epoch begins, whose numbers
begin at 1, and of no alarm that is open, so those are told again. What was learned goes on: the box is the same. What
still waits was said under the id before; it stays in that outbox, which is kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import msgspec
import structlog

from gatewayd.records import Alarm, Saved
from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.commit import Predecessor
from gatewayd.uplink.outbox.database import Damaged
from gatewayd.uplink.outbox.rescue import COPY
from gatewayd.uplink.outbox.store import Store

ALARMS = "rules"
"""The stage under which the engine saves its open alarms, each as it was told last."""

log = structlog.get_logger()


def in_its_place(store: Store, max_size: int, gateway: str) -> Store:
    """The outbox of another gateway in place of this one. Raises OSError, sqlite3.Error or Damaged.

    It is complete before it takes the place, at one stroke: whatever happens, either of them is there.
    """
    path, owner, waiting = store.path, store.gateway, sum(each.waiting for each in store.ledger.accounts.values())
    before = Predecessor(
        saved=store.saved, gateway=gateway, datings=store.boots.datings, told=tuple(_open_alarms(store.saved))
    )
    copy = path.with_name(path.name + COPY)
    target = database.place_beside(path, max_size)
    why = f"the state folder was that of gateway {owner!r}; the outbox of that one is kept as {target.name}"
    with contextlib.closing(store):
        store.settle()
    with contextlib.closing(Store.begin(copy, max_size, why, before)[0]) as made:
        made.settle()
    database.take_place(path, copy, target)
    log.warning(
        "outbox_of_another_gateway", path=str(path), before=owner, gateway=gateway, kept=str(target), waiting=waiting
    )
    new = Store.open(path, max_size)
    if new is None:
        raise Damaged("what took its place is empty")
    return new


def _open_alarms(saved: Mapping[tuple[str, str], Saved]) -> Iterator[Alarm]:
    for (stage, _), item in saved.items():
        if stage == ALARMS:
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):  # of another version: it is not told
                yield msgspec.msgpack.decode(item.data, type=Alarm)
