"""The exchange of one request and its answer on an open connection.

pymodbus, which only this module, lockstep.py and messages.py know, frames and sends. What it believes too easily is
checked here: whose answer it is, to what, and how long it is (pymodbus 3.16 takes an answer of any length, and on RTU
one to an earlier request).
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import socket
import ssl
import termios
from collections.abc import Mapping
from typing import TypeAlias

from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.framer import FramerAscii, FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import ModbusPDU
from pymodbus.transport import CommParams, CommType

from gatewayd.plugin import SourceError
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire import secure
from gatewayd_plugins.modbus.wire.address import Address, Framing, SerialAddress, TcpAddress
from gatewayd_plugins.modbus.wire.frames import begin_of_ascii, begin_of_rtu, hears_itself
from gatewayd_plugins.modbus.wire.lockstep import Lockstep
from gatewayd_plugins.modbus.wire.messages import Answer, decoder, message
from gatewayd_plugins.modbus.wire.writes import WriteRequest

# It dumps frames at every error; what there is to say is in our errors.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

FRAMERS: Mapping[Framing, type[FramerBase]] = {
    Framing.TCP: FramerSocket,
    Framing.RTU: FramerRTU,
    Framing.ASCII: FramerAscii,
}
LONGEST_GOODBYE = 1.0
"""Seconds that the other end of a TLS connection has to say that it is over."""
NEVER = 1 << 62
"""After so many silent requests pymodbus may close the connection: when to do so is for the line to know."""
AnyPeer: TypeAlias = "tuple[str, int] | None"


class Exchange(Lockstep):
    """One connection to a device or a bus, for one request at a time. It never connects or retries by itself.

    `heard` is when bytes last came in, in the time of the event loop; `next_tid` (of pymodbus) the number of the last
    transaction.
    """

    def __init__(self, address: Address) -> None:
        super().__init__(_params(address), FRAMERS[address.framing](decoder()), 0, False, None, None, None)
        self.response_future.cancel()  # nobody waits for this first one
        self.max_until_disconnect = NEVER
        self.heard = 0.0
        self._address = address
        self._sent = b""
        self._received = 0
        self._writes = False
        self._hears_itself = False
        self.lost = ""
        """How the connection ended; empty while it has not."""

    async def dial(self, limit: float) -> None:
        """Connect, or open the port. Raises SourceError. Whoever breaks it off has nothing to close."""
        try:
            await self._dial(limit)
        except BaseException:  # nobody has it yet who could close it; it is raised again
            self.close()
            raise

    async def _dial(self, limit: float) -> None:
        try:
            async with asyncio.timeout(limit):
                await self._secure()
                self.transport, _ = await self.call_create()
        except TimeoutError:
            what = f"cannot connect to {self._address.name} within {limit:g} s"
            raise SourceError(f"{what}{secure.DOUBT if self._tls else ''}") from None
        except (OSError, ValueError, termios.error) as error:
            what = f"cannot open {self._address.name}: {_in_words(error)}"
            raise SourceError(f"{what}{secure.DOUBT if self._tls and _says_nothing(error) else ''}") from error
        for _ in range(2):
            await asyncio.sleep(0)  # pymodbus sets its serial transport up in two steps

    async def _secure(self) -> None:
        """Make the connection one of TLS, if it is to be one: pymodbus would take any name in the certificate."""
        tls = self._tls
        if tls is None or not isinstance(self._address, TcpAddress):
            return
        self.call_create = functools.partial(
            self.loop.create_connection,
            self.handle_new_connection,
            self._address.host,
            self._address.port,
            ssl=await asyncio.to_thread(tls.context),
            server_hostname=tls.server_name or self._address.host,
            ssl_shutdown_timeout=LONGEST_GOODBYE,
        )

    async def ask(self, unit: int, request: Request | WriteRequest, wait: float) -> bytes:
        """The bytes of values that answer a request, none to one that wrote.

        Raises Refused, and SourceError for anything else that comes.
        """
        if not self.is_active():
            raise SourceError(self.lost or f"{self._address.name} is not open")
        self._received = 0
        self._writes = isinstance(request, WriteRequest)
        self.comm_params.timeout_connect = wait + self._address.wire_time(request.size + 5)
        pdu = message(unit, request)
        try:
            answer = await self.execute(False, pdu)
        except ModbusException:
            raise SourceError(self.lost or self._no_answer(wait)) from None
        return self._checked(answer, pdu, request)

    @property
    def is_silent(self) -> bool:
        """Whether nothing came since the last request was made."""
        return not self._received

    def _checked(self, answer: ModbusPDU, asked: ModbusPDU, request: Request | WriteRequest) -> bytes:
        if answer.dev_id != asked.dev_id:
            raise SourceError(f"unit {answer.dev_id} answered in place of unit {asked.dev_id}")
        if answer.transaction_id != asked.transaction_id:
            raise SourceError(f"the answer belongs to transaction {answer.transaction_id}, not {asked.transaction_id}")
        if answer.function_code & 0x7F != asked.function_code:
            raise SourceError(f"the answer has function code {answer.function_code}, not {asked.function_code}")
        if not isinstance(answer, Answer):
            raise Refused(answer.exception_code)
        if isinstance(request, WriteRequest):
            if answer.data != request.confirmation:
                raise SourceError("the device confirms that something else was written")
            return b""
        size = len(answer.data) - 1
        if size != request.size:
            raise SourceError(f"the answer has {size} bytes of values, not {request.size}")
        if answer.data[0] != size:
            raise SourceError(f"the answer says that it has {answer.data[0]} bytes of values, and has {size}")
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
        begin = self._begin(data) if self._address.serial else 0
        if begin is None:
            return 0
        try:
            used = super().callback_data(data[begin:], addr=addr)
        except (ModbusException, ValueError):  # what looks like an answer and is none: the request will time out
            return len(data)
        return used and used + begin

    def callback_disconnected(self, exc: Exception | None) -> None:
        """Do not let a request wait for what can no longer come."""
        super().callback_disconnected(exc)
        how = "closed by the other end" if exc is None else f"lost: {_in_words(exc)}"
        self.lost = f"{self._address.name} was {how}{self._hint()}"
        if not self.response_future.done():
            self.response_future.set_exception(ConnectionException(self.lost))

    def _hint(self) -> str:
        """What it may mean that the other end hangs up before it has said anything."""
        if self.heard or self._tls is None or self._tls.cert_file is not None:
            return ""
        return "; does it want a certificate of ours (cert_file)?"

    @property
    def _tls(self) -> secure.Tls | None:
        """What there is to know of TLS, if the connection is one."""
        return self._address.tls if isinstance(self._address, TcpAddress) else None

    def _begin(self, data: bytes) -> int | None:
        """Where an answer may begin on a serial line; None: not in what has come so far."""
        find = begin_of_rtu if self._address.framing is Framing.RTU else begin_of_ascii
        if self._writes:
            return find(self._sent, data, echo=self._hears_itself)
        self._hears_itself |= hears_itself(self._sent, data)
        return find(self._sent, data)


def _params(address: Address) -> CommParams:
    if isinstance(address, SerialAddress):
        return CommParams(
            comm_type=CommType.SERIAL,
            host=address.port,
            baudrate=address.baudrate,
            bytesize=address.bytesize,
            parity=address.parity,
            stopbits=address.stopbits,
            reconnect_delay=0,
        )
    return CommParams(comm_type=CommType.TCP, host=address.host, port=address.port, reconnect_delay=0)


def _in_words(error: Exception) -> str:
    """What the system says, without what pymodbus and pyserial put around it."""
    if isinstance(error, ssl.SSLError):
        return secure.in_words(error)
    if isinstance(error, termios.error):
        return f"{error.args[-1]}; does the port know these settings?"
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return "closed by the other end" if _says_nothing(error) else str(getattr(error, "strerror", None) or error)


def _says_nothing(error: Exception) -> bool:
    """Whether it is asyncio's way of saying that the other end hung up in the handshake of TLS."""
    return isinstance(error, ConnectionError) and not str(error)
