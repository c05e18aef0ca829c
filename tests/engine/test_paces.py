from dataclasses import replace

import pytest
from small_engine import cut, ns, small_plan

from gatewayd.engine.paces import paces


def pace(name, **plan):
    planned = small_plan(**plan)
    (number,) = [number for number, channel in enumerate(planned.channels) if channel.name.endswith(name)]
    return paces(planned)[number]


def test_what_is_polled_comes_at_every_poll():
    assert pace("pressure", interval=2) == ns(2)
    assert pace("acceleration", interval=2, bursts=["rms"]) == ns(2)


@pytest.mark.parametrize(("hop", "expected"), [(0, 1), (0.5, 1), (5, 5)])
def test_features_come_at_every_hop(hop, expected):
    assert pace("pressure.rms", window=10, hop=hop) == ns(expected)
    assert pace("pressure.sludge", window=10, hop=hop, sludge="pressure") == ns(expected)


@pytest.mark.parametrize(
    ("how", "interval", "expected"),
    [
        ({}, 10, 10),
        ({"span": 1}, 10, 10),
        ({"span": 1}, 0.1, 0.5),
        ({"span": 1, "every": 2}, 0.1, 2),
        ({"span": 1, "every": 0.001}, 0.001, 1 / 16),
        ({"samples": 512}, 3, 3),
        ({"samples": 512, "every": 4}, 3, 4),
    ],
)
def test_windows_of_bursts_come_with_the_bursts_or_more_seldom(how, interval, expected):
    plan = {"cut": cut(**how), "interval": interval}
    assert pace("acceleration.rms", bursts=["rms"], **plan) == ns(expected)
    assert pace("acceleration.sludge", sludge="acceleration", **plan) == ns(expected)
    assert pace("drive_end.score", bearing=True, shaft=25.0, **plan) == ns(expected)


def test_where_the_poll_of_the_waveform_is_not_known_nothing_is():
    planned = small_plan(bursts=["rms"], cut=cut(span=1))
    bare = replace(planned, groups=(planned.groups[0], replace(planned.groups[1], channels=())))
    assert paces(bare)[planned.bursts[0].outputs[0]] == 0
