import asyncio

from fake_field import FakeField, FakeSource
from structlog.testing import capture_logs

from gatewayd.plugin import Sample, SourceError
from gatewayd.testing import START, simulate


def failing_between(begin, end, error):
    """Polls fail in these seconds of the run."""

    def answer(poll):
        if begin <= asyncio.get_running_loop().time() - START < end:
            raise error
        return Sample("pressure", 1.0)

    return FakeSource(answer=answer)


def told(seconds, **sources):
    with capture_logs() as logs:
        field = simulate(FakeField(sources).run(seconds))
    return field, logs


def test_a_source_that_is_well_is_not_mentioned():
    field, logs = told(100.5, pump=FakeSource(takes=0.25))
    status = field.status("pump")
    assert logs == []
    assert (status.name, status.plugin, status.state) == ("pump", "fake", "ok")
    assert (status.polls, status.failed, status.missed, status.last_error) == (101, 0, 0, "")
    assert status.duration == 0.25
    assert status.seconds == 100.25
    assert status.last_error_age is None


def test_before_its_first_poll_has_ended_a_source_is_starting():
    field, _ = told(0.5, pump=FakeSource(takes=1.0))
    status = field.status("pump")
    assert (status.state, status.polls, status.duration) == ("starting", 0, None)


def test_trouble_is_logged_once_when_it_begins_and_once_when_it_ends():
    field, logs = told(400.0, pump=failing_between(50, 250, SourceError("no answer within 1 s")))
    begun, ended = logs
    assert begun == {
        "event": "source_failed",
        "log_level": "warning",
        "source": "pump",
        "plugin": "fake",
        "reason": "no answer within 1 s",
    }
    assert (ended["event"], ended["log_level"], ended["source"]) == ("source_recovered", "info", "pump")
    assert 200 <= ended["failing_for"] <= 211
    status = field.status("pump")
    assert ended["failed"] == status.failed
    assert (status.state, status.last_error) == ("ok", "no answer within 1 s")
    assert 150 <= status.last_error_age <= 160


def test_trouble_that_changes_its_reason_is_still_the_same_trouble():
    async def answer(poll):
        raise SourceError(f"nothing at {asyncio.get_running_loop().time()}")

    _, logs = told(100.0, pump=FakeSource(answer=answer))
    assert [each["event"] for each in logs] == ["source_failed"]


def test_each_trouble_is_logged_anew():
    source = FakeSource()

    def answer(poll):
        if len(source.times()) in (5, 25):
            raise SourceError("bad checksum")
        return Sample("pressure", 1.0)

    source.answer = answer
    field, logs = told(60.0, pump=source)
    assert [each["event"] for each in logs] == ["source_failed", "source_recovered"] * 2
    assert [each["failed"] for each in logs if each["event"] == "source_recovered"] == [1, 1]
    assert (field.status("pump").failed, field.status("pump").polls) == (2, 60)


def test_a_bug_of_a_plugin_is_logged_with_its_traceback_and_a_silent_device_without():
    bug = ZeroDivisionError("division by zero")
    _, logs = told(5.0, buggy=failing_between(0, 9, bug), silent=failing_between(0, 9, OSError("no route to host")))
    by_source = {each["source"]: each for each in logs}
    assert by_source["buggy"]["exc_info"] is bug
    assert "exc_info" not in by_source["silent"]


def test_a_source_that_failed_again_and_again_is_quarantined_and_shows_since_when():
    field, _ = told(20.0, pump=failing_between(5, 99, SourceError("gone")))
    status = field.status("pump")
    assert status.state == "quarantined"
    assert status.seconds == 14
    assert 0 <= status.last_error_age <= 10
    assert status.polls == 5 + status.failed
