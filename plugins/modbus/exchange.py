"""The exchange of one request and its answer on an open connection: the only module that knows pymodbus.

pymodbus frames, sends and times out. What it believes too easily is checked here: whose answer it is, to what, and
how long it is (pymodbus 3.16 takes an answer of any length, and on RTU one to an earlier request).
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import termios
from typing import TypeAlias

from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest
from pymodbus.transaction import TransactionManager
from pymodbus.transport import CommParams, CommType

from gatewayd.plugin import SourceError
from gatewayd_plugins.modbus.address import Address, SerialAddress
from gatewayd_plugins.modbus.fields import Table
from gatewayd_plugins.modbus.planner import Request
from gatewayd_plugins.modbus.refusal import Refused

# It dumps frames at every error; what there is to say is in our errors.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

REQUESTS: dict[Table, type[ModbusPDU]] = {
    Table.COIL: ReadCoilsRequest,
    Table.DISCRETE: ReadDiscreteInputsRequest,
    Table.HOLDING: ReadHoldingRegistersRequest,
    Table.INPUT: ReadInputRegistersRequest,
}
NEVER = 1 << 62
"""After so many silent requests pymodbus may close the connection: when to do so is for the line to know."""
AnyPeer: TypeAlias = "tuple[str, int] | None"


class Answer(ModbusPDU):
    """An answer whose values stay bytes: we decode whole blocks."""

    rtu_byte_count_pos = 2

    def decode(self, data: bytes) -> None:
        """Keep the byte count and the bytes."""
        self.data = data

    def __str__(self) -> str:
        """Nothing: pymodbus asks for it at each answer, in case that it logs."""
        return ""


ANSWERS = [type(f"Answer{table}", (Answer,), {"function_code": int(table)}) for table in Table]


class Exchange(TransactionManager):
    """One connection to a device or a bus, for one request at a time. It never connects or retries by itself.

    `heard` is when bytes last came in, in the time of the event loop.
    """

    def __init__(self, address: Address) -> None:
        framer = FramerRTU if address.rtu else FramerSocket
        decoder = DecodePDU(is_server=False)
        for answer in ANSWERS:
            decoder.register(answer)
        super().__init__(_params(address), framer(decoder), 0, False, None, None, None)
        self.response_future.cancel()  # nobody waits for this first one
        self.max_until_disconnect = NEVER
        self.heard = 0.0
        self._address = address
        self._sent = b""
        self._received = 0
        self._lost = ""

    async def dial(self, limit: float) -> None:
        """Connect, or open the port. Raises SourceError."""
        try:
            async with asyncio.timeout(limit):
                self.transport, _ = await self.call_create()
        except TimeoutError:
            raise SourceError(f"cannot connect to {self._address.name} within {limit:g} s") from None
        except (OSError, ValueError, termios.error) as error:
            raise SourceError(f"cannot open {self._address.name}: {_in_words(error)}") from error
        for _ in range(2):
            await asyncio.sleep(0)  # pymodbus sets its serial transport up in two steps

    async def ask(self, unit: int, request: Request, wait: float) -> bytes:
        """The bytes of values that answer a request. Raises Refused, and SourceError for anything else that comes."""
        if not self.is_active():
            raise SourceError(self._lost or f"{self._address.name} is not open")
        self._received = 0
        self.comm_params.timeout_connect = wait + self._address.wire_time(request.size + 5)
        pdu = REQUESTS[request.table](dev_id=unit, address=request.address, count=request.count)
        try:
            answer = await self.execute(False, pdu)
        except ModbusException:
            raise SourceError(self._lost or self._no_answer(wait)) from None
        return self._checked(answer, pdu, request)

    def _checked(self, answer: ModbusPDU, asked: ModbusPDU, request: Request) -> bytes:
        if answer.dev_id != asked.dev_id:
            raise SourceError(f"unit {answer.dev_id} answered in place of unit {asked.dev_id}")
        if answer.transaction_id != asked.transaction_id:
            raise SourceError(f"the answer belongs to transaction {answer.transaction_id}, not {asked.transaction_id}")
        if answer.function_code & 0x7F != asked.function_code:
            raise SourceError(f"the answer has function code {answer.function_code}, not {asked.function_code}")
        if not isinstance(answer, Answer):
            raise Refused(answer.exception_code)
        size = len(answer.data) - 1
        if size != request.size or answer.data[0] != size:
            raise SourceError(f"the answer has {size} bytes of values, not {request.size}")
        return answer.data[1:]

    def _no_answer(self, wait: float) -> str:
        if self._received:
            return f"no valid answer within {wait:g} s, though {self._received} bytes came"
        return f"no answer within {wait:g} s"

    # --- what pymodbus calls --------------------------------------------------------------------------------------

    def send(self, data: bytes, addr: AnyPeer = None) -> None:
        """Remember what was sent, to know it again when the adapter echoes it."""
        self._sent = data
        super().send(data, addr=addr)

    def callback_data(self, data: bytes, addr: AnyPeer = None) -> int:
        """Take all that came since the last request; gives how much of it is done with."""
        self.heard = self.loop.time()
        self._received = len(data)
        begin = self._begin(data) if self._address.rtu else 0
        if begin is None:
            return 0
        try:
            used = super().callback_data(data[begin:], addr=addr)
        except ModbusException:  # what looks like an answer and is none: the request will time out
            return len(data)
        return used and used + begin

    def callback_disconnected(self, exc: Exception | None) -> None:
        """Do not let a request wait for what can no longer come."""
        super().callback_disconnected(exc)
        how = "closed by the other end" if exc is None else f"lost: {_in_words(exc)}"
        self._lost = f"{self._address.name} was {how}"
        if not self.response_future.done():
            self.response_future.set_exception(ConnectionException(self._lost))

    def _begin(self, data: bytes) -> int | None:
        """Where an RTU answer may begin; None: not in what has come so far.

        Before it there may be our own request, as adapters for two wires may hear themselves, and noise of the line
        being switched, at which pymodbus would give up.
        """
        sent = self._sent
        if not sent or sent.startswith(data):
            return None
        begin = len(sent) if data.startswith(sent) else 0
        for place in range(begin, len(data) - 1):
            if data[place] == sent[0] and data[place + 1] & 0x7F == sent[1]:
                return place
        return None


def _params(address: Address) -> CommParams:
    if isinstance(address, SerialAddress):
        return CommParams(
            comm_type=CommType.SERIAL,
            host=address.port,
            baudrate=address.baudrate,
            bytesize=8,
            parity=address.parity,
            stopbits=address.stopbits,
            reconnect_delay=0,
        )
    return CommParams(comm_type=CommType.TCP, host=address.host, port=address.port, reconnect_delay=0)


def _in_words(error: Exception) -> str:
    """What the system says, without what pymodbus and pyserial put around it."""
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return str(getattr(error, "strerror", None) or error)
