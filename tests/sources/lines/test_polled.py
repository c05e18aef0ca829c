import asyncio

import pytest
from fake_field import FakeField, FakeLine, FakeSource
from structlog.testing import capture_logs

from gatewayd.plugin import Block, SourceError
from gatewayd.testing import simulate

GROUPED = ((1.0, ("pressure",)), (5.0, ("heat",)))


def source(silent=(), line=None):
    """Its polls of the channels in `silent`, which may be changed, have no answer."""

    async def answer(poll):
        if set(poll.channels) & set(silent):
            await asyncio.sleep(1.0)
            raise SourceError("no answer within 1 s")
        return Block(poll.channels, [1.0] * len(poll.channels))

    return FakeSource(names=("pressure", "heat"), grouped=GROUPED, answer=answer, shares=line)


def groups(field):
    """The outcomes of both polls of the only source, each apart."""
    return [[polled for polled in field.fed if polled.group == group] for group in (0, 1)]


def test_the_polls_of_a_source_have_a_rate_each():
    pressure, heat = groups(simulate(FakeField({"pump": source()}).run(60.5)))
    assert (len(pressure), len(heat)) == (61, 13)


def test_a_device_that_is_silent_as_a_whole_is_not_asked_for_everything_in_turn():
    line = FakeLine()
    device = source(silent=("pressure", "heat"), line=line)
    field = simulate(FakeField({"dead": device, "good": FakeSource(shares=line)}).run(600.0))
    assert len(device.times()) <= 2 + 600 / 20
    assert len(field.answered("good")) >= 540


def test_while_a_device_is_quarantined_the_rest_of_its_polls_say_so():
    line = FakeLine()
    field = simulate(
        FakeField({"dead": source(silent=("pressure", "heat"), line=line), "good": FakeSource(shares=line)}).run(60.0)
    )
    pressure, heat = groups(field)
    assert pressure[1].reasons == {"pressure": "no answer within 1 s"} or heat[0].failed
    assert {reason for polled in pressure + heat for reason in polled.reasons.values()} == {
        "no answer within 1 s",
        "quarantined: no answer within 1 s",
    }
    assert all(polled.failed for polled in pressure + heat)
    assert max(polled.missed for polled in pressure) >= 15


def test_one_poll_that_is_never_answered_leaves_the_other_one_alone():
    pressure, heat = groups(simulate(FakeField({"pump": source(silent=("heat",))}).run(600.0)))
    assert sum(not polled.failed for polled in pressure) >= 0.85 * 600
    assert all(polled.failed for polled in heat)
    assert len(heat) >= 40


def test_one_poll_that_is_never_answered_costs_the_neighbours_little():
    line = FakeLine()
    field = simulate(
        FakeField({"pump": source(silent=("heat",), line=line), "good": FakeSource(shares=line)}).run(1200.0)
    )
    assert len(field.answered("good")) >= 0.9 * 1200
    assert sum(not polled.failed for polled in groups(field)[0]) >= 0.9 * 1200
    assert field.status("pump").state == "failing"


@pytest.mark.parametrize("silent", ["pressure", "heat"])
@pytest.mark.parametrize("shared", [True, False])
def test_one_poll_that_is_never_answered_is_one_trouble_and_is_logged_once(silent, shared):
    line = FakeLine() if shared else None
    with capture_logs() as logs:
        simulate(FakeField({"pump": source((silent,), line), "good": FakeSource(shares=line)}).run(300.0))
    assert [each["event"] for each in logs] == ["source_failed"]


@pytest.mark.parametrize("silent_for", range(200, 320, 20))
def test_a_device_that_is_back_is_asked_for_everything_at_once(silent_for):
    silent = {"pressure", "heat"}
    line = FakeLine()
    field = FakeField({"pump": source(silent, line), "good": FakeSource(shares=line)})

    async def story():
        async with field.running():
            await asyncio.sleep(silent_for)
            silent.clear()
            await asyncio.sleep(90)

    simulate(story())
    pressure, heat = ([each.time for each in polled if not each.failed] for polled in groups(field))
    assert abs(pressure[0] - heat[0]) <= 5.5e9


def test_a_poll_that_yields_its_values_instead_of_returning_them_is_told_so():
    class Yields(FakeSource):
        async def poll(self, poll):
            yield Block(("pressure",), [1.0])

    field = simulate(FakeField({"pump": Yields()}).run(0.5))
    assert "expected an `async def` that returns what it read" in field.status("pump").last_error


def test_a_poll_that_is_no_coroutine_is_told_so():
    class Plain(FakeSource):
        def poll(self, poll):
            return Block(("pressure",), [1.0])

    field = simulate(FakeField({"pump": Plain()}).run(0.5))
    assert field.status("pump").last_error.startswith("plugin 'fake', poll: expected an `async def`")
