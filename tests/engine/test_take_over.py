"""An engine takes over from one of another plan: what is the same in both goes on, in mid-air."""

import gc
from dataclasses import replace

import numpy as np
import pytest
from config_files import BASE, HEAD, SOURCE, loaded
from small_engine import SECOND, SmallEngine, cut, rule

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import PlannedChannel, PlannedGroup
from gatewayd.model import Burst, Polled, Tick

RATE = 1000.0


def more(plan):
    """The same plan with a source more, before all that was there: every number is another one."""
    channels = tuple(replace(each) for each in plan.channels)
    groups = (PlannedGroup("pump1", tuple(n + 1 for n in plan.groups[0].channels), SECOND),)
    first = PlannedGroup("pump0", (0,), SECOND)
    return replace(plan, channels=(PlannedChannel("pump0.level", "m", "pump0"), *channels), groups=(first, *groups))


def taken_over(small, plan, at, going_on=("pump1",)):
    """Another engine in the place of a small one, and the summaries that were made."""
    engine = Engine(plan, "boot-1")
    saved = {**small.saved, **{(item.stage, item.name): item for item in small.engine.state(at * SECOND)}}
    output = engine.take_over(small.engine, saved.values(), going_on, at * SECOND)
    return engine, list(output.records)


def poll(engine, group, at, *values):
    return engine.feed(Polled(group, at * SECOND, np.array(values), np.zeros(len(values), dtype=np.uint8))).records


def told(summaries):
    return [(each.source, each.start // SECOND, each.end // SECOND, each.polls) for each in summaries]


def test_the_present_summary_of_a_source_that_did_not_change_goes_on():
    small = SmallEngine(summary=60, names=("pressure",))
    small.polls([1.0, 2.0, 3.0])
    engine, records = taken_over(small, more(small.plan), 10)
    assert records == []
    poll(engine, 1, 20, 8.0)
    poll(engine, 0, 30, 0.5)
    summaries = engine.feed(Tick(60 * SECOND)).records
    assert told(summaries) == [("pump0", 10, 60, 1), ("pump1", 0, 60, 4)], "that of a new source begins with it"
    (pressure,) = summaries[1].channels
    assert (pressure.count, pressure.mean, pressure.min, pressure.max) == (4, 3.5, 1.0, 8.0)
    poll(engine, 0, 70, 0.5)
    assert told(engine.feed(Tick(120 * SECOND)).records) == [("pump0", 60, 120, 1)]


def test_the_present_summary_of_a_source_that_changed_ends_and_another_begins():
    small = SmallEngine(summary=60, names=("pressure",))
    small.polls([1.0, 2.0, 3.0])
    engine, records = taken_over(small, small.plan, 10, going_on=())
    assert told(records) == [("pump1", 0, 10, 3)]
    poll(engine, 0, 20, 8.0)
    assert told(engine.feed(Tick(60 * SECOND)).records) == [("pump1", 10, 60, 1)]


def test_all_present_summaries_end_when_the_period_gets_another_length():
    small = SmallEngine(summary=60, names=("pressure",))
    small.polls([1.0, 2.0, 3.0])
    engine, records = taken_over(small, replace(small.plan, summary_every=30 * SECOND), 10)
    assert told(records) == [("pump1", 0, 10, 3)]
    poll(engine, 0, 20, 8.0)
    assert told(engine.feed(Tick(30 * SECOND)).records) == [("pump1", 20, 30, 1)]


def test_a_period_that_was_over_already_is_told_as_that():
    small = SmallEngine(summary=60, names=("pressure",))
    small.polls([1.0, 2.0, 3.0])
    engine, records = taken_over(small, small.plan, 65)
    assert told(records) == [("pump1", 0, 60, 3)]
    poll(engine, 0, 70, 8.0)
    assert told(engine.feed(Tick(120 * SECOND)).records) == [("pump1", 60, 120, 1)]


def test_a_waveform_that_waits_for_its_continuation_gets_it():
    def burst(at):
        return Burst(number, round(at * SECOND), RATE, np.ones(100))

    small = SmallEngine(rule("above", "acceleration.rms", high=0.5), bursts=["rms"], cut=cut(samples=150))
    number = small.names.index("acceleration")
    small.engine.feed(burst(1.0))
    again = SmallEngine(rule("above", "acceleration.rms", high=0.7), bursts=["rms"], cut=cut(samples=150))
    engine, _ = taken_over(small, again.plan, 1)
    (alarm,) = engine.feed(burst(1.1)).records
    assert (alarm.time, alarm.value) == (SECOND, 1.0), "a window that began before it took over"


def test_a_waveform_that_is_cut_in_another_way_begins_anew():
    def burst(at):
        return Burst(number, round(at * SECOND), RATE, np.ones(100))

    judged = rule("above", "acceleration.rms", high=0.5)
    small = SmallEngine(judged, bursts=["rms"], cut=cut(samples=150))
    number = small.names.index("acceleration")
    small.engine.feed(burst(1.0))
    engine, _ = taken_over(small, SmallEngine(judged, bursts=["rms"], cut=cut(samples=160)).plan, 1)
    assert engine.feed(burst(1.1)).records == ()


MODEL = '[models.m]\nchannels = ["pump1.pressure", "pump1.flow"]\nlearn = 50\n'


class Site:
    """A pump whose model has learned, polled each second, and what becomes of its score when a config takes over."""

    def __init__(self, folder, text):
        self._folder, self._noise = folder, np.random.default_rng(5)
        self._saved, self.scores, self._now = {}, [], 0
        self._make(text)

    def _make(self, text):
        plan = loaded(self._folder, text).plan
        (outputs,) = [each.outputs for each in plan.derivers]

        def watch(derived):
            if derived.outputs == outputs:
                self.scores.append(float(derived.values[0]))

        self.engine = Engine(plan, "boot-1", watch)
        self._group = [group.source for group in plan.groups].index("pump1")

    def poll(self, times):
        for _ in range(times):
            self._now += SECOND
            channels = len(self.engine.plan.groups[self._group].channels)
            values = 2 + self._noise.normal(size=channels) / 10
            polled = Polled(self._group, self._now, values, np.zeros(channels, dtype=np.uint8))
            self._keep(self.engine.feed(polled).saved)

    def turn_to(self, text):
        before = self.engine
        self._keep(before.state(self._now))
        self._make(text)
        self.engine.take_over(before, self._saved.values(), (), self._now)

    def _keep(self, saved):
        self._saved |= {(item.stage, item.name): item for item in saved}


@pytest.mark.parametrize("more", [SOURCE.replace("pump1", "pump0"), ""])
def test_a_model_scores_on_in_the_middle_of_its_course(tmp_path, more):
    steady, site = Site(tmp_path, BASE + MODEL), Site(tmp_path, BASE + MODEL)
    for each in (steady, site):
        each.poll(100)
    site.turn_to(HEAD + more + SOURCE + MODEL + '[rules.r]\nchannel = "pump1.flow"\nabove = 9.0\n')
    for each in (steady, site):
        each.poll(30)
    assert np.isfinite(steady.scores[-31:]).all()
    assert np.array_equal(site.scores, steady.scores, equal_nan=True)
    (status,) = site.engine.models()
    assert (status.state, status.version) == ("judging", 1)


def test_a_model_that_learns_has_not_lost_a_row(tmp_path):
    site = Site(tmp_path, BASE + MODEL)
    for _ in range(5):
        site.poll(10)
        site.turn_to(BASE + MODEL)
    site.poll(1)
    assert [status.version for status in site.engine.models()] == [1]


def test_a_model_that_judges_in_another_way_begins_its_course_anew(tmp_path):
    site = Site(tmp_path, BASE + MODEL)
    site.poll(100)
    site.turn_to(BASE + MODEL + 'sensitivity = "sensitive"\n')
    site.poll(1)
    assert np.isnan(site.scores[-1])


def test_an_engine_that_is_let_go_is_no_work_for_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        small = SmallEngine(rule("above", high=0.5), bursts=["rms"], window=4, summary=60, readings=10)
        small.polls([1.0, 2.0, 3.0])
        del small
        assert gc.collect() == 0
    finally:
        gc.enable()
