"""Lockstep: pymodbus's transactions for someone who makes one request at a time and bounds its waits himself.

pymodbus 3.16 takes a lock, a task switch more and a timer for each request, and formats what it might log. Its framers,
messages and transport do the work here as well; only what leads from one to the other is shorter. What a read costs
beyond asyncio itself is six tenths of what pymodbus's client takes (benchmarks/devices.py --read).
"""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from pymodbus.exceptions import ModbusIOException
from pymodbus.pdu import ModbusPDU
from pymodbus.transaction import TransactionManager

MOST_WAITING = 1100
"""Characters that may wait to be understood: an answer in ASCII, the request if the adapter hears itself, and noise."""
LATE = 0.05
"""Seconds by which the timer is only late when something has held up the event loop; so long a request has then."""
AnyPeer: TypeAlias = "tuple[str, int] | None"


class Lockstep(TransactionManager):
    """Transactions of a client, one after the other, with one timer for many of them."""

    _deadline = 0.0
    _timer: asyncio.TimerHandle | None = None

    async def execute(self, no_response_expected: bool, request: ModbusPDU) -> ModbusPDU:  # noqa: ARG002, FBT001
        """The answer to a request, within `comm_params.timeout_connect` seconds. Raises ModbusException."""
        request.transaction_id = self.getNextTID()
        self.response_future = future = self.loop.create_future()
        self._deadline = deadline = self.loop.time() + self.comm_params.timeout_connect
        if self._timer is None or self._timer.when() > deadline:
            self._set_timer()
        self.pdu_send(request)
        answer: ModbusPDU = await future
        return answer

    def send(self, data: bytes, addr: AnyPeer = None) -> None:  # noqa: ARG002 - of UDP
        """Send a request; what came before it is forgotten."""
        self.recv_buffer = b""
        self.transport.write(data)  # type: ignore[attr-defined] # pymodbus says less of it than it is

    def data_received(self, data: bytes) -> None:
        """Take what came, with what came before it and was not yet an answer."""
        waiting = self.recv_buffer + data if self.recv_buffer else data
        if len(waiting) > MOST_WAITING:
            waiting = waiting[-MOST_WAITING:]
        self.recv_buffer = waiting[self.callback_data(waiting) :]

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        """The time of a request is over, which may be answered by now; then the timer is for a later one, or none."""
        self._timer = None
        if self.response_future.done():
            return
        now = self.loop.time()
        if now > self._deadline + LATE:  # what came meanwhile could only not be taken
            self._deadline = now + LATE
        if now < self._deadline:
            self._set_timer()
        else:
            self.response_future.set_exception(ModbusIOException("no answer"))
