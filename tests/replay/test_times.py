"""Times of a recording: which column has them, and what its cells say."""

import pytest

from gatewayd.replay.times import UNREADABLE, read_time, shown, time_column

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("names", "first", "place"),
    [
        (["a", "time"], ["1", "0"], 1),
        (["Timestamp (UTC)", "a"], ["2026-11-26T10:00:00Z", "1"], 0),
        (["time [s]", "datetime"], ["0", "2026-11-26"], 1),
        (["T1", "t"], ["20", "0"], 1),
        (["T1", "temperature", "Zeitpunkt"], ["20", "3", "2026-11-26 10:00:00"], 2),
        (["T1", "temperature"], ["20", "3"], None),
    ],
)
def test_the_column_of_times_is_found_wherever_it_stands(names, first, place):
    assert time_column(names, first) == place


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("1970-01-01 00:00:01", SECOND),
        ("1970-01-01T00:00:01.25", SECOND * 5 // 4),
        ("1970-01-01T01:00:01+01:00", SECOND),
        ("1970-01-01 00:00:01,5", SECOND * 3 // 2),
        ("2.5", SECOND * 5 // 2),
        ("2,5", SECOND * 5 // 2),
        ("1583748873.1", 1_583_748_873_100_000_000),
        ("20200309", 20_200_309 * SECOND),
        ("", UNREADABLE),
        ("nan", UNREADABLE),
        ("10:00", UNREADABLE),
        ("1583748873000", UNREADABLE),
    ],
)
def test_a_time_is_a_date_or_seconds(cell, time):
    assert read_time(cell) == time


def test_times_are_shown_as_the_recording_has_them():
    assert shown(read_time("2020-03-09 10:14:33"), dated=True) == "2020-03-09 10:14:33"
    assert shown(read_time("2020-03-09 10:14:33.5"), dated=True) == "2020-03-09 10:14:33.500"
    assert shown(read_time("90"), dated=False) == "90 s"
