"""What is to be seen, without a terminal."""

from dataclasses import dataclass

import pytest
from answers import ALARM, CHANNEL, SOURCE, STATUS, later, many

from gatewayd.top.screen import VIEWS, Screen
from gatewayd.top.text import Style, columns


@dataclass
class Shown:
    """A screen of some size, as text."""

    screen: Screen
    width: int = 80
    height: int = 24

    @property
    def lines(self):
        return ["".join(text for text, _ in line) for line in self.screen.lines(self.width, self.height)]

    @property
    def text(self):
        return "\n".join(self.lines)

    def press(self, *keys):
        for key in keys:
            self.screen.press(key, self.height)
        return self

    def styles(self, part):
        return {style for line in self.screen.lines(self.width, self.height) for text, style in line if part in text}


def shown(channels=(), count=None, start=0, **status):
    screen = Screen()
    first = {**STATUS, **status}
    screen.take(first, None, 0)
    listed = {"count": len(channels) if count is None else count, "channels": list(channels)}
    screen.take(later(first), listed, start)
    return Shown(screen)


def test_the_header_tells_of_the_whole_gateway():
    told = shown(alarms=[ALARM], problems=["line 3"], shelved=[{}]).lines
    assert told[0] == "gatewayd 0.1.0  hafen-01  up 1 d 2 h  1 config problem: gatewayd status"
    assert told[1] == "sources 1 of 2 ok  0 bad channels  2.0 polls/s  0.0 failed/s  0.0 missed/s"
    assert told[2] == "broker  connected for 1 min 5 s, 1 reconnects  0.0 acknowledged/s"
    assert told[3] == "outbox  2 wait  0 lost or set aside  75 MB written a day"
    assert told[4] == "alarms  1 critical  1 not acknowledged  1 shelved"


def test_of_the_first_hour_nothing_is_said_about_a_day():
    assert shown(seconds=60.0).lines[3].endswith("  0.0 MB written so far")


@pytest.mark.parametrize(("clock", "words"), [("unset", "  CLOCK NOT SET"), ("set", "  clock not synchronized")])
def test_a_clock_that_nobody_vouches_for_is_told(clock, words):
    assert shown(clock=clock).lines[0].endswith(f"up 1 d 2 h{words}")


def test_a_broker_that_is_away_is_told_with_the_reason_and_what_waits_for_it():
    outbox = {**STATUS["outbox"], "waiting": 700, "oldest": 61.0, "lost": 3, "failing": "no space left"}
    told = shown(uplink={**STATUS["uplink"], "connected": False, "last_error": "refused"}, outbox=outbox)
    assert told.lines[2] == "broker  away for 1 min 5 s: refused"
    assert told.lines[3].startswith("outbox  700 wait (up to 1 min 1 s)  3 lost or set aside")
    assert "DISK: no space left" in told.text
    assert told.styles("away for") == told.styles("3 lost") == {Style.BAD}


def test_a_broker_that_takes_no_more_for_now_is_told():
    told = shown(uplink={**STATUS["uplink"], "throttled": True})
    assert told.lines[2].startswith("broker  connected for 1 min 5 s, 1 reconnects  TAKES NO MORE FOR NOW  ")
    assert told.styles("TAKES NO MORE") == {Style.WARNING}


@pytest.mark.parametrize(
    ("part", "words"),
    [("storage", "problem"), ("evidence", "failing"), ("record", "failing")],
)
def test_any_trouble_with_the_disk_is_told(part, words):
    told = shown(**{part: {**STATUS[part], words: "full"}})
    assert told.lines[3].endswith(f"  DISK: {'' if part == 'storage' else f'{part}: '}full")


def test_calculations_in_trouble_and_rules_that_do_not_judge_are_counted():
    calculations = [{"state": state} for state in ("ok", "slow", "failing", "stuck")]
    told = shown(calculations=calculations, suspended=[{}])
    assert told.lines[4] == "alarms  none  1 rules not judged  2 calculations failing"


def test_the_overview_has_alarms_lines_and_sources_those_in_trouble_first():
    told = shown(alarms=[ALARM])
    assert [line.split()[0] for line in told.lines[6:] if line] == [
        *("alarm", "dry_run"), *("line", "10.0.0.5:502"), *("source", "pump22", "for", "pump1"), "q",
    ]  # fmt: skip
    assert told.styles("  for 1 min 1 s: no answer within 1 s") == {Style.BAD}


def test_a_line_that_is_busy_all_the_time_stands_out():
    told = shown(sources=[{**SOURCE, "name": f"pump{number}"} for number in range(4)]).press("4")
    (line,) = [line for line in told.lines if line.startswith("10.0.0.5")]
    assert line.split() == ["10.0.0.5:502", "100.0", "%", "|" * 20, "4.0", "0.0", "pump0,", "pump1,", "pum…"]
    assert told.styles("10.0.0.5") == {Style.WARNING}


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 12), (40, 8), (20, 3), (1, 1), (300, 100)])
@pytest.mark.parametrize("view", range(1, 6))
def test_no_more_is_drawn_than_there_is_room_for(width, height, view):
    told = shown([CHANNEL] * 40, sources=many(40), alarms=[ALARM] * 40).press(str(view))
    told.width, told.height = width, height
    assert len(told.lines) <= height
    assert width < 60 or all(columns(line) <= width for line in told.lines[6:-1])  # else it is cut at the edge


def test_what_there_is_no_room_for_is_counted():
    told = shown(sources=many(40), alarms=[ALARM] * 40)
    assert "and 37 more: key 5" in told.text
    assert "more: key 2" in told.text


@pytest.mark.parametrize(("number", "view"), list(enumerate(VIEWS, 1)))
def test_a_number_chooses_a_view(number, view):
    told = shown().press(str(number))
    assert told.screen.view == view
    assert told.styles(f"{number} {view}") == {Style.HEADING}


def test_tab_goes_round_the_views():
    told = shown()
    seen = [told.press("tab").screen.view for _ in VIEWS]
    assert seen == [*VIEWS[1:], VIEWS[0]]


def test_the_arrows_go_through_a_view_and_not_beyond():
    told = shown(sources=many(40)).press("2")
    assert told.lines[7].startswith("pump0 ")
    assert told.press("down").lines[7].startswith("pump1 ")
    assert "from 2 of 40" in told.lines[-1]
    assert told.press("page down").lines[7].startswith("pump17 ")
    assert told.press("end").lines[-2].startswith("pump39 ")
    assert told.press("down", "page down").lines[-2].startswith("pump39 ")
    assert told.press("home", "up").lines[7].startswith("pump0 ")


@pytest.mark.parametrize("key", ["", "x", "0", "9", "²"])
def test_other_keys_change_nothing(key):
    told = shown()
    before = told.lines
    assert told.press(key).lines == before


def test_only_the_channels_that_are_seen_are_asked_for():
    told = shown([CHANNEL] * 17, count=100)
    assert told.screen.wanted(24) is None
    told.press("3")
    assert told.screen.wanted(24) == (0, 16)
    assert told.lines  # now it is known how many there are
    assert told.press("page down").screen.wanted(24) == (16, 16)
    assert told.press("end").screen.wanted(24) == (84, 16)
    assert told.screen.wanted(10_000)[1] == 500


def test_a_channel_is_told_with_what_its_value_is_worth():
    bad = {**CHANNEL, "name": "pump1.temp", "value": None, "quality": "bad", "reason": "sensor fault", "age": 61.0}
    wave = {**CHANNEL, "name": "pump1.sound", "kind": "waveform", "value": None, "length": 1024, "rate": 6400.0}
    told = shown([CHANNEL, bad, wave, {**wave, "length": 0, "age": None}]).press("3")
    assert [line.split() for line in told.lines[7:11]] == [
        ["pump1.flow", "12.35", "l/min", "good", "0.3", "s"],
        ["pump1.temp", "-", "l/min", "bad", "1", "min", "1", "s", "sensor", "fault"],
        ["pump1.sound", "1024", "at", "6400", "Hz", "l/min", "good", "0.3", "s"],
        ["pump1.sound", "-", "l/min", "good"],
    ]
    assert told.styles("sensor fault") == {Style.BAD}


SLOWED = {"takes": 3.0, "every": 5.0, "interval": 1.0}


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"bad": {"flow": "sensor fault"}, "bad_count": 1}, "  flow bad: sensor fault"),
        ({"flawed": {"sound": "is clipped"}}, "  sound is clipped"),
        ({"slowed": [SLOWED]}, "  read every 5 s instead of 1 s: its line is too busy"),
        ({"last_error": "no answer", "last_error_age": 61.0}, "  1 min 1 s ago: no answer"),
    ],
)
def test_what_is_or_was_wrong_with_a_source_that_answers_is_told_below_it(more, line):
    told = shown(sources=[{**SOURCE, **more}]).press("2")
    assert told.lines[8].rstrip() == line


def test_an_alarm_that_waits_for_somebody_says_so():
    told = shown(alarms=[{**ALARM, "state": "returned"}, {**ALARM, "rule": "b", "acknowledged": True}]).press("5")
    assert "over, to be acknowledged" in told.lines[7]
    assert "acknowledged" in told.lines[8]


def test_a_gateway_that_does_not_answer_is_told_and_what_was_known_stays():
    told = shown()
    told.screen.silent(7.0, "is it still running?")
    assert told.lines[-1] == "NO ANSWER for 7 s: is it still running?"
    assert told.lines[0].startswith("gatewayd 0.1.0")
    told.screen.take(later(later(STATUS)), None, 0)
    assert "NO ANSWER" not in told.text


def test_before_the_first_answer_there_is_nothing_to_see():
    assert Shown(Screen()).lines == ["waiting for an answer"]
