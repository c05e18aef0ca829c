"""Doubts: nothing is asked whose answer could be that of an earlier request."""

from hypothesis import given
from hypothesis import strategies as st

from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.doubt import LATEST, Doubts

TEN = Request(Table.HOLDING, 100, 10)


def test_without_an_unanswered_request_nothing_is_mistakable():
    assert not Doubts().mistakable(1, TEN, 0.0)


def test_a_request_like_the_unanswered_one_is_mistakable_wherever_it_reads():
    doubts = Doubts()
    doubts.unanswered(1, TEN, 5.0)
    assert doubts.mistakable(1, TEN, 5.0)
    assert doubts.mistakable(1, Request(Table.HOLDING, 700, 10), 6.0)
    assert not doubts.mistakable(1, Request(Table.HOLDING, 100, 9), 5.0)
    assert not doubts.mistakable(1, Request(Table.INPUT, 100, 10), 5.0)
    assert not doubts.mistakable(2, TEN, 5.0)


def test_bits_are_told_apart_by_bytes():
    doubts = Doubts()
    doubts.unanswered(1, Request(Table.COIL, 0, 3), 0.0)
    assert doubts.mistakable(1, Request(Table.COIL, 0, 8), 0.0)
    assert doubts.probe(1, Request(Table.COIL, 0, 8)) == Request(Table.COIL, 0, 16)


def test_an_answer_settles_all_that_was_asked_of_its_unit_before():
    doubts = Doubts()
    for unit in (1, 2):
        doubts.unanswered(unit, TEN, 0.0)
    doubts.answered(1)
    assert not doubts.of(1, 0.0)
    assert doubts.of(2, 0.0)
    assert doubts.units(0.0) == [2]


def test_what_was_not_answered_for_long_never_will_be():
    doubts = Doubts()
    doubts.unanswered(1, TEN, 0.0)
    assert doubts.mistakable(1, TEN, LATEST)
    assert not doubts.mistakable(1, TEN, LATEST + 0.1)
    assert not doubts.units(LATEST + 0.1)


def test_the_probe_stays_within_the_registers_that_the_device_has_if_it_can():
    doubts = Doubts()
    doubts.unanswered(1, TEN, 0.0)
    counts = []
    for _ in range(11):
        probe = doubts.probe(1, TEN)
        doubts.unanswered(1, probe, 0.0)
        counts.append(probe.count)
    assert counts == [9, 8, 7, 6, 5, 4, 3, 2, 1, 11, 12]


def test_at_the_end_of_the_addresses_there_may_be_no_probe():
    doubts = Doubts()
    last = Request(Table.HOLDING, 65535, 1)
    doubts.unanswered(1, last, 0.0)
    assert doubts.probe(1, last) is None


@given(st.sampled_from(Table), st.integers(0, 65535), st.integers(1, 2000), st.integers(1, 300))
def test_no_probe_is_mistakable_itself_and_none_is_beyond_what_modbus_allows(table, address, count, times):
    most = 2000 if table.of_bits else 125
    request = Request(table, address, min(count, most, 65536 - address))
    doubts = Doubts()
    doubts.unanswered(1, request, 0.0)
    for _ in range(times):
        probe = doubts.probe(1, request)
        if probe is None:
            return
        assert not doubts.mistakable(1, probe, 0.0)
        assert 1 <= probe.count <= most
        assert probe.address + probe.count <= 65536
        assert (probe.table, probe.address) == (request.table, request.address)
        doubts.unanswered(1, probe, 0.0)
