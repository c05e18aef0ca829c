"""A Modbus ASCII slave, faulty on demand. It notes requests as modbus_rtu's does, and gives the same values."""

import binascii

from modbus_rtu import LATE, Slave


def framed(body):
    return b":" + binascii.hexlify(body + bytes([-sum(body) & 0xFF])).upper() + b"\r\n"


class AsciiSlave(Slave):
    faults = property(lambda _self: FAULTS)

    def feed(self, data, write):
        self._buffer += data
        while b"\r\n" in self._buffer:
            frame, self._buffer = self._buffer.split(b"\r\n", 1)
            body = binascii.unhexlify(frame[1:])[:-1]
            assert framed(body) == frame + b"\r\n"
            self.requests.append(body)
            self._answer(body, write)

    framed = staticmethod(framed)


def _body(frame):
    return binascii.unhexlify(frame[1:-2])[:-1]


FAULTS = {
    "good": lambda _request, answer: [answer],
    "lower case": lambda _request, answer: [answer.lower()],
    "silent": lambda _request, _answer: [],
    "bad check": lambda _request, answer: [answer[:-3] + (b"0" if answer[-3:-2] != b"0" else b"1") + b"\r\n"],
    "no end": lambda _request, answer: [answer[:-2]],
    "short": lambda _request, answer: [answer[:7] + b"\r\n"],
    "no hexadecimal digits": lambda _request, answer: [answer[:5] + b"XY" + answer[7:]],
    "odd": lambda _request, answer: [answer[:9] + answer[10:]],
    "wrong unit": lambda _request, answer: [framed(bytes([_body(answer)[0] + 1]) + _body(answer)[1:])],
    "wrong function": lambda _request, answer: [framed(_body(answer)[:1] + b"\x04" + _body(answer)[2:])],
    "exception": lambda request, _answer: [framed(bytes([request[0], request[1] | 0x80, 2]))],
    "noise before": lambda _request, answer: [b":\x00\x5a:\xc3\xff\r\n::01" + answer],
    "noise only": lambda _request, _answer: [bytes(range(40, 90)) + b"\r\n"],
    "echo": lambda request, answer: [framed(request) + answer],
    "echo apart": lambda request, answer: [framed(request)[:3], 0.005, framed(request)[3:], 0.005, answer],
    "echo only": lambda request, _answer: [framed(request)],
    "wrong length": lambda _request, answer: [framed(_shorter(_body(answer)))],
    "split": lambda _request, answer: [answer[:2], 0.005, answer[2:5], 0.005, answer[5:]],
    "twice": lambda _request, answer: [answer + answer],
    "late": lambda _request, answer: [LATE, answer],
    "flood": lambda _request, answer: [b":0103" + b"00" * 2000 + answer],
}


def _shorter(body):
    return body[:2] + bytes([body[2] - 2]) + body[3:-2]
