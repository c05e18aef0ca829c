"""Sources take turns on a line, and what a dead one costs its neighbours."""

import asyncio

import pytest
from effort import campaign
from fake_field import FakeField, FakeLine, FakeSource

from gatewayd.plugin import Sample, SourceError
from gatewayd.testing import hold, simulate


@pytest.mark.parametrize("shared", [True, False])
def test_sources_take_turns_on_a_shared_line_and_only_there(shared):
    running, most = 0, 0

    async def answer(poll):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.1)
        running -= 1
        return Sample("pressure", 1.0)

    line = FakeLine() if shared else None
    sources = {f"pump{n}": FakeSource(answer=answer, shares=line) for n in range(4)}
    field = simulate(FakeField(sources).run(10.4))
    assert most == (1 if shared else 4)
    assert [len(field.answered(name)) for name in sources] == [pytest.approx(11, abs=1)] * 4


def test_it_is_counted_for_how_long_each_source_has_its_line_whether_it_answers_or_not():
    line = FakeLine()
    sources = {
        "quick": FakeSource(takes=0.1, shares=line),
        "dead": FakeSource(silent=True, gives_up=0.3, shares=line),
        "alone": FakeSource(takes=0.5),
    }
    field = simulate(FakeField(sources).run(10.45))
    quick, dead, alone = (field.status(name) for name in sources)
    assert quick.line == dead.line == line.name
    assert alone.line == "alone"
    assert quick.accounts.busy == pytest.approx(0.1 * quick.polls, abs=0.01)
    assert dead.accounts.busy == pytest.approx(0.3 * len(sources["dead"].times()), abs=0.31)
    assert alone.accounts.busy == pytest.approx(0.5 * alone.polls, abs=0.01)


def test_polls_keep_their_rate_without_drift_over_days(monkeypatch):
    monkeypatch.setattr("gatewayd.sources.field.LOOK", 3600.0)
    monkeypatch.setattr("gatewayd.sources.calling.weighing.EVERY", 1e6)
    days = 4 * 86_400.0
    source = FakeSource(takes=0.7)
    field = simulate(FakeField({"pump": source}, interval=115.2).run(days + 5.0))
    times = source.times()
    assert len(times) == 3000 + 1
    assert times[-1] - times[0] == pytest.approx(days, abs=1e-3)
    assert field.status("pump").missed == 0


def test_a_poll_that_takes_longer_than_its_interval_is_late_and_what_it_misses_is_counted():
    field = simulate(FakeField({"pump": FakeSource(takes=2.5)}).run(100.2))
    polled = field.polled("pump")
    assert len(polled) + sum(each.missed for each in polled) == pytest.approx(100, abs=3)
    status = field.status("pump")
    assert (status.polls, status.missed) == (len(polled), sum(each.missed for each in polled))
    assert status.duration == pytest.approx(2.5)


def test_a_line_with_more_to_do_than_time_neglects_nobody():
    line = FakeLine()
    sources = {"eager": FakeSource(takes=0.3, shares=line, grouped=((0.1, ("pressure",)),))}
    sources |= {f"calm{n}": FakeSource(takes=0.3, shares=line) for n in range(4)}
    field = simulate(FakeField(sources).run(150.0))
    counts = [len(field.answered(name)) for name in sources]
    assert min(counts) >= 0.6 * 150 / 0.3 / len(sources)


def test_a_source_whose_polls_are_always_due_lets_others_run():
    """A plugin that answers at once, without ever waiting, at a rate that cannot be kept."""

    def answer(poll):
        hold(0.02)
        return Sample("pressure", 1.0)

    busy = FakeSource(answer=answer)
    field = simulate(FakeField({"busy": busy, "other": FakeSource()}, interval=0.01).run(20.0))
    assert len(field.answered("busy")) >= 1000
    assert len(field.answered("other")) >= 500  # it waits once in every poll, which takes a round more


@pytest.mark.parametrize(
    ("alive", "dead"),
    [
        ([1.0], [1.0]),
        ([1.0], [0.1]),
        ([0.5], [30.0]),
        ([5.0], [1.0]),
        ([1.0, 1.0], [1.0, 1.0, 1.0]),
        ([0.5, 10.0], [0.2, 1.0, 5.0]),
        ([0.25], [1.0] * 9),
    ],
    ids=str,
)
def test_dead_devices_cost_their_neighbours_at_most_a_tenth_of_their_polls(alive, dead):
    line, minutes = FakeLine(), 8
    sources = {}
    for n, interval in enumerate(alive):
        sources[f"alive{n}"] = FakeSource(takes=0.02, shares=line, grouped=((interval, ("pressure",)),))
    for n, interval in enumerate(dead):
        sources[f"dead{n}"] = FakeSource(silent=True, shares=line, grouped=((interval, ("pressure",)),))
    field = simulate(FakeField(sources).run(minutes * 60.0))
    for n, interval in enumerate(alive):
        assert len(field.answered(f"alive{n}")) >= 0.9 * minutes * 60.0 / interval
        assert not any(polled.failed for polled in field.polled(f"alive{n}"))
    for n in range(len(dead)):
        assert field.status(f"dead{n}").state == "quarantined"
        assert len(sources[f"dead{n}"].times()) > 2  # it is not given up


@pytest.mark.parametrize("takes", [0.02, *campaign(0.08)])
def test_of_ten_devices_on_a_line_one_may_be_dead_or_slow(takes):
    """As in test_pacing.py, but with everything real except the time. benchmarks/lines.py has it for 20 lines."""
    sources = {}
    for trouble in (FakeSource(silent=True), FakeSource(takes=0.9), FakeSource(takes=4.0)):
        line = trouble.shares = FakeLine(f"bus{len(sources)}")
        names = [f"healthy{len(sources) + number}" for number in range(9)]
        sources |= {f"bad{len(sources)}": trouble, **{name: FakeSource(takes=takes, shares=line) for name in names}}
    field = FakeField(sources)
    healthy = [name for name in sources if name.startswith("healthy")]

    async def story():
        async with field.running():
            await asyncio.sleep(30)
            before = sum(len(field.answered(name)) for name in healthy)
            await asyncio.sleep(60)
            return sum(len(field.answered(name)) for name in healthy) - before

    assert simulate(story()) >= 0.99 * 60 * len(healthy)


def test_in_the_minute_in_which_a_device_dies_its_neighbour_loses_few_polls():
    """The measure of field.md: there a peer's live device was polled 15 of 60 times."""
    line = FakeLine()
    sources = {"alive": FakeSource(takes=0.02, shares=line), "dead": FakeSource(silent=True, shares=line)}
    field = simulate(FakeField(sources).run(60.0))
    assert len(field.answered("alive")) >= 54


@pytest.mark.parametrize("pattern", ["xx.", *campaign("x.", "xxx..", "x...")])
def test_a_device_that_answers_only_now_and_then_costs_no_more_than_a_dead_one(pattern):
    line = FakeLine()
    flaky = FakeSource(shares=line)

    async def answer(poll):
        if pattern[len(flaky.times()) % len(pattern)] == "x":
            await asyncio.sleep(1.0)
            raise SourceError("no answer within 1 s")
        return Sample("pressure", 1.0)

    flaky.answer = answer
    sources = {"alive": FakeSource(takes=0.02, shares=line), "flaky": flaky}
    field = simulate(FakeField(sources).run(600.0))
    assert len(field.answered("alive")) >= 0.9 * 600
    assert len(field.answered("flaky")) >= 15


def test_a_device_that_is_back_is_polled_again_at_its_full_rate():
    line = FakeLine()
    device = FakeSource(shares=line)
    field = FakeField({"alive": FakeSource(takes=0.02, shares=line), "device": device})

    async def story():
        async with field.running():
            await asyncio.sleep(60)
            device.silent = True
            await asyncio.sleep(600)
            device.silent = False
            await asyncio.sleep(62)  # it is found again within a minute
            assert field.status("device").state == "ok"
            before = len(field.answered("device"))
            await asyncio.sleep(60)
            assert len(field.answered("device")) - before >= 59

    simulate(story())


def test_one_lost_answer_has_no_consequence():
    line = FakeLine()
    device = FakeSource(shares=line)

    def answer(poll):
        if len(device.times()) == 5:
            raise SourceError("bad checksum")
        return Sample("pressure", 1.0)

    device.answer = answer
    field = simulate(FakeField({"alive": FakeSource(shares=line), "device": device}).run(30.5))
    assert (len(field.answered("device")), field.status("device").missed) == (30, 0)
