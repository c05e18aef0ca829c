"""What `outbox_in_use` has told, and whether an outbox that was found afterwards keeps it."""

from outboxes import MB, number_of

from gatewayd.records import Loss
from gatewayd.uplink.outbox.database import reserve_size
from gatewayd.uplink.outbox.opening import open_store
from gatewayd.uplink.outbox.reserve import Reserve
from gatewayd.uplink.row import MessageClass


class Told:
    """The state of knowledge after some lines."""

    def __init__(self):
        self.epoch = None
        self.rows = {}
        self.acked = set()

    def hear(self, line):
        match line.split():
            case ["READY", epoch]:
                self.epoch = epoch
            case ["ROW", message_class, seq, number]:
                self.rows[message_class, int(seq)] = number
            case ["ACK", message_class, seq]:
                self.acked.add((message_class, int(seq)))

    def check(self, path):
        """Open the outbox: all that was given and not acknowledged must be there, under the same numbers."""
        store, begun = open_store(path, 4 * MB, Reserve(path.with_name("reserve"), reserve_size(4 * MB)))
        try:
            assert self.epoch in {None, store.epoch}, "a new epoch was begun"
            found = dict(rows_of(store))
            for place, number in self.rows.items():
                assert found.get(place, number if place in self.acked else "lost") == number, place
            for message_class, account in store.ledger.accounts.items():
                assert account.lost == account.aside == 0
                assert account.waiting == sum(place[0] == message_class for place in found)
                beyond = [place for place in self.rows if place[0] == message_class and place[1] > account.given]
                assert not beyond, "a number would be given twice"
            check_atomicity(store, found)
            assert not begun or not self.rows
        finally:
            store.close()
        return found


def rows_of(store):
    after = dict.fromkeys(MessageClass, 0)
    while after != store.last():
        page = store.read(after, store.last())
        assert not page.spoilt
        for row, _ in page.rows:
            assert not isinstance(row.record, Loss)
            yield (row.message_class.value, row.seq), str(number_of(row.record))
        after = page.after


def check_atomicity(store, found):
    """The state that was saved is that of the last alarm that was stored."""
    alarms = [
        int(number) for (message_class, _), number in found.items() if message_class == "event" and number != "None"
    ]
    saved = store.saved.get(("rules", "a"))
    last = int(saved.data) if saved else 0
    assert max(alarms, default=last) <= last
    assert store.ledger.accounts[MessageClass.EVENT].given == 1 + last // 5
