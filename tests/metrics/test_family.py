"""The text that Prometheus reads, held to the parser of its own client."""

import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gatewayd.metrics.family import Family, about, exposition


def parsed(*families):
    return list(text_string_to_metric_families(exposition(families).decode()))


@pytest.mark.parametrize("value", [0, 1, -2.5, 1e-9, 12345678901234567890, 0.1 + 0.2, math.inf, -math.inf])
def test_a_number_arrives_as_it_was(value):
    (family,) = parsed(Family("speed_hertz", "How fast.", (({}, value),)))
    assert (family.name, family.documentation, family.type) == ("speed_hertz", "How fast.", "gauge")
    assert family.samples[0].value == value


def test_what_is_no_number_arrives_as_such():
    (family,) = parsed(Family("speed_hertz", "How fast.", (({}, math.nan),)))
    assert math.isnan(family.samples[0].value)


def test_a_truth_value_is_0_or_1():
    assert exposition([Family("up", "Is it?", (({}, True), ({"a": "b"}, False)))]).endswith(b'\nup 1\nup{a="b"} 0\n')


@pytest.mark.parametrize("text", ["plain", 'with "quotes"', "C:\\new", "two\nlines", "Überdruck", "a,b={}", ""])
def test_a_label_arrives_as_it_was(text):
    (family,) = parsed(Family("up", "Is it?", (({"line": text, "more": "x"}, 1),)))
    assert family.samples[0].labels == {"line": text, "more": "x"}


def test_what_ends_in_total_is_a_counter():
    (family,) = parsed(Family("polls_total", "Polls.", (({}, 3),)))
    assert family.type == "counter"


def test_what_is_not_known_of_a_thing_is_left_out():
    rows = (("memory_bytes", "Bytes.", lambda thing: thing),)
    (family,) = about("source", rows, [({"source": "a"}, None), ({"source": "b"}, 0)])
    assert family == Family("source_memory_bytes", "Bytes.", (({"source": "b"}, 0),))


def test_a_family_without_a_number_is_still_explained():
    assert exposition([Family("up", "Is it?", ())]) == b"# HELP up Is it?\n# TYPE up gauge\n"
