"""The planner: every field is read whole, with few requests that no device refuses."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_plugins.modbus.fields import Field, NumberType, Table
from gatewayd_plugins.modbus.planner import Limits, plan


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
        ([at("holding", 0), at("holding", 17)], {}, [("holding", 0, 18)]),
        ([at("holding", 0), at("holding", 18)], {}, [("holding", 0, 1), ("holding", 18, 1)]),
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
        ([at("coil", 0), at("coil", 200)], {}, [("coil", 0, 201)]),
        ([at("coil", 0), at("coil", 300)], {}, [("coil", 0, 1), ("coil", 300, 1)]),
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
            first = min(two.fields.values(), key=lambda field: field.address)
            hole = first.address - one.request.address - one.request.count
            size = max(first.end - one.request.address, one.request.count)
            assert hole > most.hole or size > most.size


@given(some_fields, limits, st.randoms())
def test_the_order_of_the_channels_makes_no_difference(fields, limits, random):
    shuffled = list(fields.items())
    random.shuffle(shuffled)
    assert [each.request for each in plan(fields, limits)] == [each.request for each in plan(dict(shuffled), limits)]
