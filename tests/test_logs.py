"""What a log line looks like to a machine; each in a process of its own, since logging is global."""

import json
import logging
import os
import subprocess
import sys

import pytest

HEAD = "import logging, structlog; from gatewayd import logs; logs.configure(); log = structlog.get_logger();"


def logged(code, **environment):
    ran = subprocess.run(
        [sys.executable, "-c", HEAD + code],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={**{k: v for k, v in os.environ.items() if k != "JOURNAL_STREAM"}, **environment},
    )
    assert ran.stdout == ""
    return ran.stderr.splitlines()


def test_an_event_is_a_line_of_json_with_time_level_and_event_first():
    (line,) = logged('log.info("source_recovered", source="pump1", failing_for=2.5)')
    event = json.loads(line)
    assert list(event)[:3] == ["timestamp", "level", "event"]
    assert event["timestamp"].endswith("Z")
    assert {**event, "timestamp": ""} == {
        "timestamp": "",
        "level": "info",
        "event": "source_recovered",
        "source": "pump1",
        "failing_for": 2.5,
    }


def test_details_are_left_out():
    assert logged('log.debug("detail")') == []


def test_journald_finds_the_level_where_it_looks():
    (line,) = logged('log.error("x")', JOURNAL_STREAM="8:1")
    assert line.startswith('<3>{"timestamp"')


def test_a_library_that_warns_is_named_and_its_details_are_left_out():
    (line,) = logged('logging.getLogger("pymodbus").warning("odd %s", 5); logging.getLogger("x").info("y")')
    event = json.loads(line)
    assert (event["event"], event["library"], event["text"], event["level"]) == (
        "library_logged",
        "pymodbus",
        "odd 5",
        "warning",
    )


def test_an_exception_is_logged_with_its_traceback():
    lines = logged("""
try:
    1 / 0
except ZeroDivisionError as error:
    log.error("x", exc_info=error)
""")
    assert "ZeroDivisionError" in lines[-1]
    assert json.loads(lines[0])["event"] == "x"


def test_a_traceback_tells_no_secrets():
    (line,) = logged("""
def dial(password):
    1 / 0
try:
    dial("open" + "sesame")
except ZeroDivisionError as error:
    log.error("x", exc_info=error)
""")
    assert "dial" in line
    assert "opensesame" not in line


@pytest.mark.parametrize("raises", ["SystemExit", "KeyboardInterrupt", "ValueError"])
def test_an_exception_that_raises_when_it_is_asked_what_it_says_does_no_harm(raises):
    mute = f'type("MuteError", (Exception,), {{"__str__": lambda self: (_ for _ in ()).throw({raises})}})()'
    (line,) = logged(f'log.error("feature_failed", feature="x", exc_info={mute})')
    assert json.loads(line)["feature"] == "x"


def test_half_a_character_does_no_harm():
    (line,) = logged(r'log.info("x", text="no \udcff file")')
    assert json.loads(line)["text"] == "no ? file"


def test_half_a_character_in_an_exception_does_no_harm():
    (line,) = logged(r"""
try:
    raise ValueError("no \udcff file")
except ValueError as error:
    log.error("x", exc_info=error)
""")
    assert json.loads(line)["exception"][0]["exc_value"] == "no ? file"


@pytest.mark.parametrize(("level", "said"), [(35, "warning"), (45, "error"), (99, "critical"), (30, "warning")])
def test_a_level_of_a_librarys_own_is_the_one_below_it(level, said):
    (line,) = logged(f'logging.getLogger("x").log({level}, "odd")')
    assert json.loads(line)["level"] == said


def test_a_record_that_cannot_be_written_is_no_error_of_the_library():
    lines = logged('logging.getLogger("x").warning("%d of %d", "one"); log.info("went_on")')
    assert "TypeError" in "".join(lines)
    assert json.loads(lines[-1])["event"] == "went_on"


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_what_cannot_be_encoded_is_put_into_words(level):
    (line,) = logged(f'log.log({level}, "x", what=object)')
    assert "object" in json.loads(line)["what"]


PEOPLE = "import sys; sys.stderr.isatty = lambda: True; "
FOREIGN = [
    {"exc_type": "KeyError", "exc_value": "'x'", "frames": [{"filename": "acme.py", "lineno": 5, "name": "poll"}]}
]


@pytest.mark.parametrize(
    ("traceback", "told"),
    [(FOREIGN, ['  File "acme.py", line 5, in poll', "KeyError: 'x'"]), ([{"a": 1}], ["[{'a': 1}]"])],
)
def test_a_traceback_of_another_process_is_told_to_people_whatever_it_is(traceback, told):
    code = "import structlog; from gatewayd import logs; logs.configure(); "
    code += f"structlog.get_logger().error('x', exception={traceback})"
    ran = subprocess.run([sys.executable, "-c", PEOPLE + code], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stderr.splitlines()[1:] == told
