"""A program that uses an outbox and says what it has seen, until it is killed: python outbox_in_use.py PATH COUNT.

It prints `READY epoch`, then `ROW class seq number` for each row that it was given and `ACK class seq` before it
acknowledges one.
"""

import asyncio
import os
import sys
from pathlib import Path

from outboxes import MB, alarm, number_of, readings, summary

from gatewayd.records import Output, Saved
from gatewayd.uplink import Outbox
from gatewayd.uplink.outbox import inbox


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def produce(outbox, count):
    for number in range(1, count + 1):
        records = (readings(number, 3000), *([summary(number)] if number % 3 == 0 else []))
        if number % 5 == 0:
            saved = (Saved("rules", "a", "x", str(number).encode()),)
            outbox.put(Output((alarm(number), *records), saved, urgent=True))
            await asyncio.sleep(0.005)
        else:
            outbox.put(Output(records))


async def consume(outbox):
    rows = []
    while True:
        row = await outbox.next_row()
        say("ROW", row.message_class, row.seq, number_of(row.record))
        rows.append(row)
        if len(rows) == 8:
            for each in rows[::2]:
                say("ACK", each.message_class, each.seq)
                outbox.acked(each)
            rows = []


async def main(path, count):
    inbox.ACK_LINGER = 0.05  # more transactions, in less time
    outbox = Outbox(Path(path), 4 * MB)
    outbox.open()
    say("READY", outbox.epoch)
    consumer = asyncio.create_task(consume(outbox))
    await produce(outbox, count)
    while not outbox._inbox.idle():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    say("DONE")
    if count > 1000:
        await consumer
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
