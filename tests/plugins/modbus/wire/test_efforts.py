"""What a poll asks of its line, before it was ever made."""

import pytest
from modbus_source import configured

from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.planner import Price
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.efforts import Wire
from gatewayd_plugins.modbus.wire.url import parse

TEN = Request(Table.HOLDING, 100, 10)


def effort(url, *requests, **options):
    return [(each.what, round(each.seconds, 4)) for each in Wire(parse(url), **options).efforts(requests)]


def test_a_request_takes_its_bytes_the_gaps_and_what_the_device_takes_to_answer():
    characters = 8 + 5 + 20 + 2 * 3.5
    wire = characters * 11 / 9600
    expected = [("holding:100-109 (10 registers)", round(wire + 0.02, 4))]
    assert effort("rtu:/dev/ttyUSB0", TEN, turnaround=None) == expected
    assert effort("rtu:/dev/ttyUSB0", TEN, turnaround=0.1)[0][1] == pytest.approx(wire + 0.1, abs=1e-4)


def test_a_faster_line_takes_less_but_never_less_than_the_shortest_gaps():
    slow, fast = (effort(f"rtu:/dev/x?baudrate={rate}", TEN, turnaround=0)[0][1] for rate in (9600, 115200))
    assert 0.04 < slow < 0.05
    assert fast == pytest.approx(33 * 11 / 115200 + 2 * 0.00175, abs=1e-4)


def test_ascii_takes_twice_as_many_characters():
    rtu, ascii_ = (effort(f"{kind}:/dev/x", TEN, turnaround=0)[0][1] for kind in ("rtu", "ascii"))
    assert 1.4 < ascii_ / rtu < 2


def test_where_the_baud_rate_is_not_known_nobody_knows_unless_it_is_said():
    for url in ("tcp://h", "rtu+tcp://h:4196"):
        assert effort(url, TEN, turnaround=None)[0][1] == 0
        assert effort(url, TEN, turnaround=0.03)[0][1] == 0.03


def test_on_tcp_requests_cost_and_bytes_do_not_and_behind_a_converter_a_usual_baud_rate_is_assumed():
    assert Wire(parse("tcp://h"), None).price == Price()
    usual = Wire(parse("rtu:/dev/x?baudrate=19200"), 0.03).price
    assert Wire(parse("rtu+tcp://h:4196"), 0.03).price == usual


def test_a_pause_before_each_request_is_time_of_the_line():
    assert effort("tcp://h", TEN, turnaround=0.01, pause=0.05)[0][1] == pytest.approx(0.06)
    assert effort("rtu:/dev/x", TEN, turnaround=0, pause=0.5)[0][1] == pytest.approx(33 * 11 / 9600 + 0.5, abs=1e-3)


def test_bits_are_called_bits_and_single_ones_by_their_address():
    assert effort("tcp://h", Request(Table.COIL, 0, 9), Request(Table.INPUT, 5, 1), turnaround=0) == [
        ("coil:0-8 (9 bits)", 0),
        ("input:5", 0),
    ]


def test_a_source_tells_the_requests_of_each_of_its_polls():
    wave = {"register": "holding:1000", "count": 200, "rate": 1000, "ready": "coil:5", "interval": "60s"}
    channels = {"a": "holding:0", "b": "holding:9", "far": "input:3", "wave": wave}
    source = configured("rtu:/dev/ttyUSB0", channels)
    told = {poll.channels: [each.what for each in source.effort(poll)] for poll in source.polls(1.0)}
    assert told == {
        ("a", "b", "far"): ["holding:0-9 (10 registers)", "input:3"],
        ("wave",): ["coil:5", "holding:1000-1124 (125 registers)", "holding:1125-1199 (75 registers)", "coil:5"],
    }


def test_on_a_slow_line_a_wide_hole_is_not_read_over():
    channels = {"a": "holding:0", "b": "holding:60"}
    quick, slow = (configured(f"rtu:/dev/ttyUSB0?baudrate={rate}", channels) for rate in (115200, 9600))
    assert [len(source.effort(source.polls(1.0)[0])) for source in (quick, slow)] == [1, 2]
    never = configured("rtu:/dev/ttyUSB0?baudrate=115200", channels, max_hole=58)
    assert len(never.effort(never.polls(1.0)[0])) == 2
