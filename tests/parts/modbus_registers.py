"""A simulated Modbus TCP device with registers and bits at some addresses, which refuses all others as devices do."""

import struct

from modbus_tcp import tcp_device

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, NO_ANSWER_BEHIND = 1, 2, 11
COIL, DISCRETE, HOLDING, INPUT = 1, 2, 3, 4


def words(form, *values):
    """The registers that numbers take, big-endian: `words("f", 100.0)`."""
    packed = struct.pack(f">{form}", *values)
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


def registers(*runs):
    """Entries by address, of runs `(first address, entries)`."""
    return {first + n: entry for first, entries in runs for n, entry in enumerate(entries)}


def refused(asked, code):
    """An exception."""
    return asked.answer(body=bytes([asked.function | 0x80, code]))


def answering(tables):
    """How a device with these entries, by table and address, answers."""

    def answer(asked):
        table = tables.get(asked.function)
        if table is None:
            return refused(asked, ILLEGAL_FUNCTION)
        addresses = range(asked.address, asked.address + asked.count)
        if not all(address in table for address in addresses):
            return refused(asked, ILLEGAL_ADDRESS)
        entries = [table[address] for address in addresses]
        if asked.function in {COIL, DISCRETE}:
            number = sum(bool(entry) << n for n, entry in enumerate(entries))
            data = number.to_bytes((asked.count + 7) // 8, "little")
        else:
            data = struct.pack(f">{len(entries)}H", *entries)
        return asked.answer(body=bytes([asked.function, len(data)]) + data)

    return answer


def device(tables, units=None, elsewhere=lambda _asked: b"", asked=None):
    """Serve a device; gives its url. It answers for these units, or for any; others are answered by `elsewhere`."""
    answer = answering(tables)

    def routed(request):
        return answer(request) if units is None or request.unit in units else elsewhere(request)

    return tcp_device(routed, asked)
