"""What a log line looks like to a machine, and to a person."""

import io
import json
import logging
import math
import subprocess
import sys
from types import SimpleNamespace

import pytest
import structlog

from gatewayd.logs import logs
from gatewayd.logs.logs import as_json


class Stderr(io.StringIO):
    terminal = False

    def isatty(self):
        return self.terminal

    def fileno(self):
        return 2


@pytest.fixture
def stderr(monkeypatch):
    """Where the log goes, at once; afterwards all is as it was, since logging is global."""
    root = logging.getLogger()
    level, config = root.level, structlog.get_config()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    stderr = Stderr()
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stderr))
    monkeypatch.setattr(logs, "Outlet", lambda *_: stderr)
    yield stderr
    root.setLevel(level)
    structlog.configure(**config)
    logging.captureWarnings(capture=False)


@pytest.fixture
def log(stderr):
    logs.configure()
    return structlog.get_logger()


@pytest.fixture
def events(stderr):
    """The lines that have been logged, decoded."""
    return lambda: [json.loads(line) for line in stderr.getvalue().splitlines()]


def test_an_event_is_a_line_of_json_with_time_level_and_event_first(log, events):
    log.info("source_recovered", source="pump1", failing_for=2.5)
    (event,) = events()
    assert list(event)[:3] == ["timestamp", "level", "event"]
    assert event["timestamp"].endswith("Z")
    assert {**event, "timestamp": ""} == {
        "timestamp": "",
        "level": "info",
        "event": "source_recovered",
        "source": "pump1",
        "failing_for": 2.5,
    }


LAST_WORDS = """
import structlog
from gatewayd.logs import logs

logs.configure()
for n in range(500):
    structlog.get_logger().info(n)
"""


def test_all_lines_are_written_before_a_command_ends():
    ran = subprocess.run([sys.executable, "-c", LAST_WORDS], capture_output=True, text=True, check=True, timeout=30)
    assert [json.loads(line)["event"] for line in ran.stderr.splitlines()] == list(range(500))
    assert ran.stdout == ""


def test_details_are_left_out(log, events):
    log.debug("detail")
    assert events() == []


def test_journald_finds_the_level_where_it_looks(stderr, monkeypatch):
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    logs.configure()
    structlog.get_logger().error("x")
    assert stderr.getvalue().startswith('<3>{"timestamp"')


def test_a_library_that_warns_is_named_and_its_details_are_left_out(log, events):
    logging.getLogger("zigbee").warning("odd %s", 5)
    logging.getLogger("x").info("y")
    (event,) = events()
    assert (event["event"], event["library"], event["text"], event["level"]) == (
        "library_logged",
        "zigbee",
        "odd 5",
        "warning",
    )


def test_a_traceback_tells_no_secrets(log, events):
    def dial(password):
        raise OSError("no line")

    try:
        dial("opensesame")
    except OSError as error:
        log.error("x", exc_info=error)
    (event,) = events()
    (raised,) = event["exception"]
    assert (raised["exc_type"], raised["frames"][-1]["name"]) == ("OSError", "dial")
    assert "opensesame" not in str(event)


@pytest.mark.parametrize("raises", [SystemExit, KeyboardInterrupt, ValueError])
def test_an_exception_that_raises_when_it_is_asked_what_it_says_does_no_harm(log, events, raises):
    class MuteError(Exception):
        def __str__(self):
            raise raises

    log.error("feature_failed", feature="x", exc_info=MuteError())
    (event,) = events()
    assert event["feature"] == "x"


def test_half_a_character_does_no_harm(log, events):
    log.info("x", text="no \udcff file")
    (event,) = events()
    assert event["text"] == "no ? file"


def test_half_a_character_in_an_exception_does_no_harm(log, events):
    log.error("x", exc_info=ValueError("no \udcff file"))
    (event,) = events()
    assert event["exception"][0]["exc_value"] == "no ? file"


@pytest.mark.parametrize(("level", "said"), [(35, "warning"), (45, "error"), (99, "critical"), (30, "warning")])
def test_a_level_of_a_librarys_own_is_the_one_below_it(log, events, level, said):
    logging.getLogger("x").log(level, "odd")
    (event,) = events()
    assert event["level"] == said


def test_a_record_that_cannot_be_written_is_no_error_of_the_library(log, events, capsys):
    logs.lead_libraries()  # once more: pytest, which listens too, takes it for an error
    logging.getLogger("x").warning("%d of %d", *["one"])
    log.info("went_on")
    assert "TypeError" in capsys.readouterr().err
    assert [each["event"] for each in events()] == ["went_on"]


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_what_cannot_be_encoded_is_put_into_words(log, events, level):
    log.log(level, "x", what=object)
    (event,) = events()
    assert "object" in event["what"]


def test_what_could_not_be_written_is_told(stderr, monkeypatch, events):
    outlets = []
    monkeypatch.setattr(logs, "Outlet", lambda _, tell: outlets.append(tell) or stderr)
    logs.configure()
    outlets[0](7)
    (event,) = events()
    assert (event["event"], event["level"], event["lines"]) == ("log_lines_dropped", "warning", 7)


FOREIGN = [
    {"exc_type": "KeyError", "exc_value": "'x'", "frames": [{"filename": "acme.py", "lineno": 5, "name": "poll"}]}
]


@pytest.mark.parametrize(
    ("traceback", "told"),
    [(FOREIGN, ['  File "acme.py", line 5, in poll', "KeyError: 'x'"]), ([{"a": 1}], ["[{'a': 1}]"])],
)
def test_a_traceback_of_another_process_is_told_to_people_whatever_it_is(stderr, traceback, told):
    stderr.terminal = True
    logs.configure()
    structlog.get_logger().error("x", exception=traceback)
    assert stderr.getvalue().splitlines()[1:] == told


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_people_have_colours_unless_they_want_none(stderr, monkeypatch, environment, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stderr.terminal = True
    logs.configure()
    structlog.get_logger().error("uplink_lost", reason="x")
    assert ("\x1b[" in stderr.getvalue()) is coloured


class Mute:
    def __str__(self):
        raise self.why

    def __init__(self, why):
        self.why = why


ENDLESS = []
ENDLESS.append(ENDLESS)
ODD = {
    "a number that is none": (math.nan, None),
    "half a character beside one": ({"\udcff": math.nan}, {"?": None}),
    "a large number": (2**70, 2**70),
    "keys of other types": ({1: 2, (1, 2): 3}, {"1": 2, "(1, 2)": 3}),
    "bytes": (b"\xff", "/w=="),
    "something that contains itself": (ENDLESS, "[[...]]"),
    "something mute": (Mute(ValueError()), "cannot be told (ValueError)"),
    "something that would end us": (Mute(SystemExit()), "cannot be told (SystemExit)"),
    "something that raises what is no exception": (Mute(BaseException()), "cannot be told (BaseException)"),
}


@pytest.mark.parametrize(("value", "told"), ODD.values(), ids=ODD)
def test_whatever_is_in_an_event_it_becomes_json(value, told):
    assert json.loads(as_json({"event": "x", "what": value}), parse_constant=pytest.fail) == {
        "event": "x",
        "what": told,
    }
