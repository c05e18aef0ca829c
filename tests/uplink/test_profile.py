"""The profiles keep their promises by their numbers, and docs/reliability.md tells these numbers."""

import re
from pathlib import Path

from gatewayd.uplink.mqtt.profile import LAN, LTE

PAGE = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")
TICK = 1.0
"""Seconds between two looks of paho at the time."""


def told(beginning):
    """The numbers of the row that begins so, for lan and lte."""
    (row,) = re.findall(rf"^\| {re.escape(beginning)}.*?\| (\S+).*?\| (\S+).*\|$", PAGE, re.MULTILINE)
    return tuple(map(float, row))


def test_on_a_lan_a_cut_is_noticed_within_10_s_and_the_line_is_used_again_within_5_s():
    assert 2 * (LAN.keepalive + TICK) <= 10
    assert LAN.answer_limit * 1.25 <= 10
    assert LAN.address_limit + LAN.longest_wait <= 5


def test_the_page_tells_the_numbers():
    for words, name in (
        ("silence until the broker is pinged", "keepalive"),
        ("longest wait for an acknowledgement", "answer_limit"),
        ("longest wait between attempts", "longest_wait"),
        ("time for an address", "address_limit"),
        ("time to be let in", "welcome_limit"),
    ):
        assert told(words) == (getattr(LAN, name), getattr(LTE, name)), name
    assert told("the broker calls the gateway") == (1.5 * LAN.keepalive, 1.5 * LTE.keepalive)
    assert (LAN.refresh, LTE.refresh) == (60, 15 * 60)
    assert (LAN.most_bytes, LTE.most_bytes) == (1 << 20, 16_000)


def test_a_stretched_profile_waits_longer_and_takes_no_more_of_the_line():
    longer = LTE.stretched(8)
    assert (longer.answer_limit, longer.welcome_limit, longer.dial_limit) == (240, 160, 480)
    assert longer.keepalive < 65_536, "MQTT knows no more"
    assert (longer.longest_wait, longer.refresh, longer.most_bytes) == (60, 900, 16_000)
