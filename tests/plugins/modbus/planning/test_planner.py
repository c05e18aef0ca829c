"""The planner: every field is read whole, with few requests that no device refuses."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.planner import Known, Limits, Price, plan
from gatewayd_plugins.modbus.planning.requests import Request


def at(table, address, number_type=NumberType.UINT16):
    return Field(Table[table.upper()], address, number_type.registers, number_type)


def requests(fields, **limits):
    """The requests for these fields, as (table, address, count)."""
    planned = plan({str(n): field for n, field in enumerate(fields)}, Limits(**limits))
    return [(each.request.table.name.lower(), each.request.address, each.request.count) for each in planned]


@pytest.mark.parametrize(
    ("fields", "limits", "expected"),
    [
        ([at("holding", 100)], {}, [("holding", 100, 1)]),
        ([at("holding", 102), at("holding", 100), at("holding", 101)], {}, [("holding", 100, 3)]),
        ([at("holding", 0), at("holding", 17)], {"hole": 16}, [("holding", 0, 18)]),
        ([at("holding", 0), at("holding", 18)], {"hole": 16}, [("holding", 0, 1), ("holding", 18, 1)]),
        ([at("holding", 0), at("holding", 65)], {}, [("holding", 0, 66)]),
        ([at("holding", 0), at("holding", 66)], {}, [("holding", 0, 1), ("holding", 66, 1)]),
        ([at("holding", 0), at("holding", 2)], {"hole": 0}, [("holding", 0, 1), ("holding", 2, 1)]),
        ([at("holding", n) for n in range(250)], {}, [("holding", 0, 125), ("holding", 125, 125)]),
        ([at("holding", n) for n in range(4)], {"size": 3}, [("holding", 0, 3), ("holding", 3, 1)]),
        ([at("holding", 0), at("input", 1)], {}, [("holding", 0, 1), ("input", 1, 1)]),
        ([at("holding", 124), at("holding", 0), at("holding", 60)], {"hole": 70}, [("holding", 0, 125)]),
        (
            [at("holding", 124, NumberType.FLOAT32), at("holding", 0)],
            {"hole": 125},
            [("holding", 0, 1), ("holding", 124, 2)],
        ),
        ([at("holding", 5), at("holding", 5, NumberType.FLOAT64), at("holding", 6)], {}, [("holding", 5, 4)]),
        ([at("coil", 0), at("coil", 200)], {"hole": 16}, [("coil", 0, 201)]),
        ([at("coil", 0), at("coil", 300)], {"hole": 16}, [("coil", 0, 1), ("coil", 300, 1)]),
        ([at("coil", n) for n in range(2001)], {}, [("coil", 0, 2000), ("coil", 2000, 1)]),
        ([at("discrete", 65535), at("input", 65535)], {}, [("discrete", 65535, 1), ("input", 65535, 1)]),
    ],
)
def test_neighbours_are_merged_within_the_limits(fields, limits, expected):
    assert requests(fields, **limits) == expected


@st.composite
def fields(draw):
    table = draw(st.sampled_from(Table))
    number_type = NumberType.BOOL if table.of_bits else draw(st.sampled_from(list(NumberType)[1:]))
    near = draw(st.sampled_from([0, 1000, 65000]))
    return Field(table, near + draw(st.integers(0, 500)), number_type.registers, number_type)


some_fields = st.dictionaries(st.text("abcdef", min_size=1), fields(), min_size=1)
limits = st.builds(Limits, st.integers(4, 125), st.integers(0, 125))


@given(some_fields, limits)
def test_every_field_is_in_one_request_and_no_request_is_beyond_the_limits(fields, limits):
    planned = plan(fields, limits)
    assert sorted(name for each in planned for name in each.fields) == sorted(fields)
    for each in planned:
        request, most = each.request, limits.of(each.request.table)
        assert 1 <= request.count <= most.size
        covered = set()
        for name, field in each.fields.items():
            assert field is fields[name]
            assert field.table is request.table
            assert request.address <= field.address
            assert field.end <= request.address + request.count
            covered |= set(range(field.address, field.end))
        edges = sorted(covered)
        assert (edges[0], edges[-1]) == (request.address, request.address + request.count - 1)
        assert all(b - a - 1 <= most.hole for a, b in itertools.pairwise(edges))


@given(some_fields, limits)
def test_no_two_requests_that_follow_each_other_could_be_one(fields, limits):
    planned = plan(fields, limits)
    for one, two in itertools.pairwise(planned):
        if one.request.table is two.request.table:
            most = limits.of(one.request.table)
            hole = two.request.address - one.request.end
            size = max(two.request.end, one.request.end) - one.request.address
            assert hole > most.hole or size > most.size


@given(some_fields, limits, st.randoms())
def test_the_order_of_the_channels_makes_no_difference(fields, limits, random):
    shuffled = list(fields.items())
    random.shuffle(shuffled)
    assert [each.request for each in plan(fields, limits)] == [each.request for each in plan(dict(shuffled), limits)]


# --- bus time -----------------------------------------------------------------------------------------------------


def at_baud(rate, turnaround=0.02):
    """What a request and a byte cost on a serial line: 13 bytes and two gaps go with each request."""
    byte = 11 / rate
    return Price(13 * byte + 2 * max(3.5 * byte, 0.00175) + turnaround, byte)


@pytest.mark.parametrize(("rate", "widest"), [(1200, 11), (9600, 18), (115200, 125)])
def test_a_hole_is_read_over_where_that_is_cheaper_than_another_request(rate, widest):
    def requests_over(hole):
        fields = {"a": at("holding", 0), "b": at("holding", 1 + hole)}
        return len(plan(fields, Limits(hole=125), at_baud(rate)))

    assert [requests_over(hole) for hole in (min(widest, 123), widest + 1)] == [1, 2]


def test_where_the_size_forces_a_split_it_is_made_in_the_widest_hole():
    fields = {str(n): at("holding", n) for n in [*range(50), *range(60, 110), *range(112, 150)]}
    requests = [each.request for each in plan(fields, Limits(size=125, hole=16), at_baud(9600))]
    assert requests == [Request(Table.HOLDING, 0, 50), Request(Table.HOLDING, 60, 90)]


def cost(requests, price):
    return sum(round(price.request * 1e9) + round(price.byte * 1e9) * each.size for each in requests)


small_fields = st.lists(st.builds(at, st.sampled_from(["holding", "coil"]), st.integers(0, 40)), min_size=1, max_size=7)


@given(small_fields, st.builds(Limits, st.integers(1, 30), st.integers(0, 30)), st.sampled_from([300, 9600, 10**6]))
def test_no_other_way_to_part_the_fields_is_cheaper(fields, limits, rate):
    price = at_baud(rate, turnaround=0)
    fields = {str(n): field for n, field in enumerate(fields)}
    own = cost([each.request for each in plan(fields, limits, price)], price)
    ordered = sorted(set(fields.values()), key=lambda field: (field.table, field.address))
    for cuts in itertools.product([False, True], repeat=len(ordered) - 1):
        runs = [[ordered[0]]]
        for field, cut in zip(ordered[1:], cuts, strict=True):
            if cut or field.table is not runs[-1][-1].table:
                runs.append([])
            runs[-1].append(field)
        if all(permitted(run, limits.of(run[0].table)) for run in runs):
            others = [Request(run[0].table, run[0].address, run[-1].end - run[0].address) for run in runs]
            assert own <= cost(others, price)


def permitted(run, most):
    holes = [b.address - a.end for a, b in itertools.pairwise(run)]
    return run[-1].end - run[0].address <= most.size and all(hole <= most.hole for hole in holes)


# --- what is known of the device ----------------------------------------------------------------------------------


def test_no_request_is_longer_than_the_device_is_known_to_answer():
    fields = {str(n): at("holding", n) for n in range(100)}
    known = Known(longest={Table.HOLDING: 60})
    assert [each.request.count for each in plan(fields, Limits(), known=known)] == [60, 40]


def test_a_value_longer_than_that_is_a_request_of_its_own():
    fields = {"a": at("holding", 0), "b": at("holding", 1, NumberType.FLOAT64)}
    known = Known(longest={Table.HOLDING: 2})
    assert [each.request.count for each in plan(fields, Limits(), known=known)] == [1, 4]


def test_a_hole_that_the_device_refuses_is_not_read_over():
    fields = {str(n): at("holding", n) for n in (0, 1, 5, 6)}
    known = Known(refused=[Request(Table.HOLDING, 2, 3)])
    assert requests_of(fields, known) == [(0, 2), (5, 2)]


def test_a_value_that_the_device_refuses_is_asked_for_alone_and_last():
    fields = {str(n): at("holding", n) for n in range(5)}
    known = Known(refused=[Request(Table.HOLDING, 2, 1), Request(Table.COIL, 3, 1)])
    assert requests_of(fields, known) == [(0, 2), (3, 2), (2, 1)]


def test_what_lies_within_a_refused_number_is_still_read():
    fields = {"long": at("holding", 0, NumberType.FLOAT64), "within": at("holding", 1), "next": at("holding", 4)}
    known = Known(refused=[Request(Table.HOLDING, 0, 4)])
    assert requests_of(fields, known) == [(1, 4), (0, 4)]


def requests_of(fields, known):
    return [(each.request.address, each.request.count) for each in plan(fields, Limits(), known=known)]


@given(some_fields, limits, st.data())
def test_whatever_is_refused_every_field_is_read_and_nothing_refused_is_within_a_request(fields, limits, data):
    own = {Request(each.table, each.address, each.length) for each in fields.values()}
    places = st.sampled_from(sorted(own, key=str))
    holes = st.builds(Request, st.sampled_from(Table), st.integers(0, 600), st.integers(1, 30))
    known = Known(refused=data.draw(st.lists(places | holes, max_size=5)))
    planned = plan(fields, limits, known=known)
    assert sorted(name for each in planned for name in each.fields) == sorted(fields)
    for each in planned:
        request = each.request
        for span in known.refused:
            holds = span.table is request.table and request.address <= span.address and span.end <= request.end
            assert not holds or span == request or request in own
