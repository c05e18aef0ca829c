"""What is logged in a child reaches the gateway's log as if it had been logged there."""

import json
import logging

import pytest
import structlog

from gatewayd.isolation.child.log import forward_logs


@pytest.fixture
def told(monkeypatch):
    """What the gateway is told; afterwards all is as it was, since logging is global."""
    root, sent = logging.getLogger(), []
    monkeypatch.setattr(root, "handlers", [])
    level, config = root.level, structlog.get_config()
    forward_logs(sent.append)
    yield sent
    root.setLevel(level)
    structlog.configure(**config)
    logging.captureWarnings(capture=False)


def test_an_event_is_told_with_its_level_and_fields(told):
    structlog.get_logger().warning("odd_reading", value=2.5, where={"unit": 3})
    (event,) = told
    assert (event.level, event.event, json.loads(event.fields)) == (
        "warning",
        "odd_reading",
        {"value": 2.5, "where": {"unit": 3}},
    )


def test_details_are_left_out(told):
    structlog.get_logger().debug("detail")
    assert told == []


@pytest.mark.parametrize(("level", "said"), [(30, "warning"), (35, "warning"), (99, "critical")])
def test_what_a_library_logs_is_told_with_its_name(told, level, said):
    logging.getLogger("zigbee").log(level, "odd %s", 5)
    (event,) = told
    assert (event.level, event.event) == (said, "library_logged")
    assert json.loads(event.fields) == {"library": "zigbee", "text": "odd 5"}


@pytest.mark.parametrize("log", [structlog.get_logger(), logging.getLogger("zigbee")])
def test_an_exception_is_told_with_its_traceback_but_no_secrets(told, log):
    def dial(password):
        raise OSError("no line")

    try:
        dial("opensesame")
    except OSError:
        log.exception("failed")
    (event,) = told
    (raised,) = json.loads(event.fields)["exception"]
    assert (raised["exc_type"], raised["exc_value"], raised["frames"][-1]["name"]) == ("OSError", "no line", "dial")
    assert "opensesame" not in event.fields


def test_half_a_character_does_no_harm(told):
    structlog.get_logger().info("no \udcff name", text="no \udcff file")
    (event,) = told
    assert event.event.encode()
    assert json.loads(event.fields) == {"text": "no ? file"}


def test_an_exception_that_raises_when_it_is_asked_what_it_says_does_no_harm(told):
    class MuteError(Exception):
        def __str__(self):
            raise SystemExit

    structlog.get_logger().error("failed", exc_info=MuteError())
    assert [each.event for each in told] == ["failed"]
