"""Messages: what pymodbus sends for our requests, and what it makes of the answers to them."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.writes import WriteRequest, Writing

READS: Mapping[Table, type[ModbusPDU]] = {
    Table.COIL: ReadCoilsRequest,
    Table.DISCRETE: ReadDiscreteInputsRequest,
    Table.HOLDING: ReadHoldingRegistersRequest,
    Table.INPUT: ReadInputRegistersRequest,
}


class Answer(ModbusPDU):
    """An answer whose values stay bytes: we decode whole blocks."""

    rtu_byte_count_pos = 2

    def decode(self, data: bytes) -> None:
        """Keep the byte count and the bytes."""
        self.data = data

    def __str__(self) -> str:
        """Nothing: pymodbus asks for it at each answer, in case that it logs."""
        return ""


class Confirmation(Answer):
    """The answer to a request that wrote: it repeats what was to be written, or where and how much."""

    rtu_frame_size = 8
    rtu_byte_count_pos = 0


class Write(ModbusPDU):
    """A request that writes."""

    def __init__(self, unit: int, request: WriteRequest) -> None:
        super().__init__(dev_id=unit)
        self.function_code = int(request.table)
        self._body = request.body

    def encode(self) -> bytes:
        """What follows the function code."""
        return self._body


ANSWERS = [
    type(f"{kind.__name__}{code}", (kind,), {"function_code": int(code)})
    for kind, codes in ((Answer, Table), (Confirmation, Writing))
    for code in codes
]


def message(unit: int, request: Request | WriteRequest) -> ModbusPDU:
    """What to send to a unit."""
    if isinstance(request, WriteRequest):
        return Write(unit, request)
    return READS[request.table](dev_id=unit, address=request.address, count=request.count)


@functools.cache
def decoder() -> DecodePDU:
    """What makes our answers of the bytes in frames; one for all connections, as it remembers nothing of them."""
    decoding = DecodePDU(is_server=False)
    for answer in ANSWERS:
        decoding.register(answer)
    return decoding
