import numpy as np
import pytest
from small_engine import SECOND, cut, ns, small_plan

from gatewayd.engine.measuring import shafts
from gatewayd.engine.measuring.bursts import BurstFeatures
from gatewayd.engine.measuring.cuts import Cuts
from gatewayd.engine.measuring.shafts import Shafts
from gatewayd.engine.plan import WHOLE, PlannedBurstFeatures
from gatewayd.model import Burst, Polled, Quality

GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD
RATE = 1024.0


class Features:
    """Bursts of one channel go in, their features come out."""

    def __init__(self, *features, **plan):
        self.plan = small_plan(bursts=features, **plan)
        self.channel = self.plan.bursts[0].channel
        self.shafts = Shafts(self.plan, "boot-1")
        self._cuts = Cuts(self.plan)
        self._features = BurstFeatures(self.plan, self.shafts)

    def of(self, values, at=0.0, rate=RATE, quality=GOOD, **flaws):
        burst = Burst(self.channel, ns(at), rate, np.asarray(values, dtype=np.float64), quality, **flaws)
        return [derived for made in self._cuts.push(burst) for derived in self._features.push(made)]

    def reasons(self, values, **burst):
        (derived,) = self.of(values, **burst)
        assert (derived.qualities == BAD).tolist() == np.isnan(derived.values).tolist()
        return {name.removeprefix("acceleration."): reason for name, reason in derived.reasons.items()}

    def speed(self, at, value, quality=GOOD):
        values, qualities = np.full(3, np.nan), np.full(3, Quality.ABSENT, dtype=np.uint8)
        values[1], qualities[1] = value, quality
        self.shafts.polled(Polled(0, ns(at), values, qualities))


def sine(frequency, n=1024, amplitude=1.0, rate=RATE):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(n) / rate)


def test_a_burst_is_a_window_of_its_own():
    (derived,) = Features("rms", "peak_to_peak").of([-3.0, 3.0], at=2)
    assert derived.time == 2 * SECOND
    assert derived.values.tolist() == [3.0, 6.0]
    assert derived.qualities.tolist() == [GOOD, GOOD]
    assert derived.reasons == {}


def test_each_window_of_a_burst_has_its_features():
    found = Features("mean", "max", cut=cut(samples=4, every=4 / RATE)).of(range(12))
    assert [(each.time, each.values.tolist()) for each in found] == [
        (0, [1.5, 3.0]),
        (round(4 / RATE * SECOND), [5.5, 7.0]),
        (round(8 / RATE * SECOND), [9.5, 11.0]),
    ]


def test_windows_of_one_burst_are_computed_as_if_each_came_alone():
    features = ("kurtosis", "band_rms(10, 400)", "envelope_rms(100, 300)", "dominant_frequency")
    values = np.random.default_rng(3).normal(size=4096)
    together = Features(*features, cut=cut(samples=512)).of(values)
    alone = [Features(*features).of(values[start : start + 512])[0] for start in range(0, 4096 - 511, 256)]
    assert [each.values.tobytes() for each in together] == [each.values.tobytes() for each in alone]


def test_features_are_no_better_than_their_burst():
    features = Features("rms", "peak_to_peak")
    (uncertain,) = features.of([-3.0, 3.0], quality=UNCERTAIN)
    assert uncertain.qualities.tolist() == [UNCERTAIN, UNCERTAIN]
    (bad,) = features.of([-3.0, 3.0], quality=BAD, reason="overrun")
    assert bad.qualities.tolist() == [BAD, BAD]
    assert np.isnan(bad.values).all()
    assert bad.reasons == {"acceleration.rms": "overrun", "acceleration.peak_to_peak": "overrun"}


def test_features_of_a_clipped_burst_are_uncertain():
    (derived,) = Features("rms", "band_rms(10, 400)").of(sine(50), clipped=True)
    assert derived.qualities.tolist() == [UNCERTAIN, UNCERTAIN]
    assert derived.reasons == {}


@pytest.mark.parametrize("quality", [GOOD, UNCERTAIN])
def test_a_gap_spoils_what_needs_even_spacing_and_makes_the_rest_uncertain(quality):
    features = Features("rms", "band_rms(10, 400)", "dominant_frequency")
    (derived,) = features.of(sine(50), gap=True, quality=quality)
    assert derived.qualities.tolist() == [UNCERTAIN, BAD, BAD]
    assert np.isnan(derived.values).tolist() == [False, True, True]
    assert set(derived.reasons.values()) == {"the burst has gaps"}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_burst_with_a_value_that_is_no_number_has_no_features(bad):
    features = Features("rms", "band_rms(10, 400)")
    values = sine(50)
    values[17] = bad
    reason = "the burst holds values that are not finite numbers"
    assert features.reasons(values) == {"rms": reason, "band_rms(10, 400)": reason}


def test_a_feature_that_cannot_be_computed_is_bad_and_its_neighbours_are_not():
    features = Features("mean", "kurtosis")
    assert list(features.reasons(np.full(64, 3.0))) == ["kurtosis"]
    assert features.of(np.full(64, 3.0))[0].values[0] == 3.0


def test_a_burst_that_is_shorter_than_its_window_says_so():
    features = Features("rms", cut=cut(span=1))
    assert features.of(sine(50, 100)) == []
    bad, good = features.of(sine(50, 1024), at=2)
    assert (bad.time, bad.qualities.tolist(), good.qualities.tolist()) == (0, [BAD], [GOOD])
    assert bad.reasons == {"acceleration.rms": "the burst is shorter than the window of 1 s"}


@pytest.mark.parametrize(
    ("feature", "n", "reason"),
    [
        ("velocity_rms(10, 400)", 64, "too short for 10 Hz"),
        ("severity(10, 400, 1, 2, 3)", 64, "too short for 10 Hz"),
        ("band_rms(100, 104)", 64, "too short to tell 100 Hz from 104 Hz"),
        ("band_power(600, 700)", 1024, "600 Hz cannot be seen at 1024 values per second"),
        ("envelope_rms(513, 700)", 1024, "513 Hz cannot be seen at 1024 values per second"),
        ("line_amplitude(513)", 1024, "513 Hz cannot be seen at 1024 values per second"),
        ("kurtosis", 1, "too few values, or none that it can be computed from"),
    ],
)
def test_why_a_feature_is_bad_is_told(feature, n, reason):
    assert Features(feature).reasons(sine(50, n)) == {feature: reason}


ORDERS = ("shaft_speed", "order_rms(1, 0.1)", "order_amplitude(2)", "envelope_order(200, 400, 1)")


def test_features_of_a_shaft_are_at_its_multiples():
    (derived,) = Features(*ORDERS, shaft=32.0).of(sine(32, amplitude=3.0) + sine(64, amplitude=2.0))
    speed, first, second, _ = derived.values.tolist()
    assert (speed, first, second) == (32.0, pytest.approx(3 / np.sqrt(2), rel=1e-6), pytest.approx(2.0, rel=1e-6))


def test_the_speed_of_the_shaft_is_that_of_its_channel_at_the_time():
    features = Features("shaft_speed", "rms", shaft="flow")
    assert features.reasons(sine(50)) == {"shaft_speed": "shaft speed unknown"}
    features.speed(1, 1500.0)
    assert features.of(sine(50), at=2)[0].values[0] == 25.0
    features.speed(3, 0.0)
    assert features.reasons(sine(50), at=4) == {"shaft_speed": "the shaft stands still"}
    features.speed(5, 1500.0, BAD)
    assert features.reasons(sine(50), at=5) == {"shaft_speed": "shaft speed unknown"}


def test_an_order_beyond_half_the_rate_is_told():
    assert Features("order_rms(20, 0.1)", shaft=32.0).reasons(sine(32)) == {
        "order_rms(20, 0.1)": "640 Hz cannot be seen at 1024 values per second"
    }


def test_each_window_has_the_speed_that_was_estimated_from_it(monkeypatch):
    monkeypatch.setattr(shafts, "estimate", lambda values, rate, low, high: low + values[0])
    found = Features("shaft_speed", shaft=(20.0, 30.0), cut=cut(samples=4, every=4 / RATE)).of(range(12))
    assert [each.values[0] for each in found] == [20.0, 24.0, 28.0]


def test_nothing_is_estimated_that_no_feature_needs(monkeypatch):
    monkeypatch.setattr(shafts, "estimate", lambda *_: pytest.fail("it was"))
    (derived,) = Features("rms", shaft=(20.0, 30.0)).of(sine(50))
    assert derived.qualities.tolist() == [GOOD]


def test_single_precision_is_computed_as_it_is():
    features = Features("rms")
    burst = Burst(features.channel, 0, RATE, sine(50).astype(np.float32))
    (made,) = features._cuts.push(burst)
    assert made.values.dtype == np.float32
    (derived,) = features._features.push(made)
    assert derived.values[0] == pytest.approx(np.sqrt(0.5), rel=1e-6)


def test_a_burst_that_nothing_is_computed_of_gives_nothing():
    features = Features("rms")
    features.channel += 1
    assert features.of([1.0]) == []


def test_lists_of_features_of_one_channel_are_each_cut_in_their_own_way():
    plan = small_plan(bursts=["rms"])
    whole = plan.bursts[0]
    half = PlannedBurstFeatures("halves", whole.channel, whole.terms, (99,), cut(samples=2, every=2 / RATE))
    plan = type(plan)(
        (*plan.channels, *[plan.channels[-1]] * (100 - len(plan.channels))), plan.groups, (), (whole, half)
    )
    cuts, features = Cuts(plan), BurstFeatures(plan, Shafts(plan, "boot-1"))
    made = list(cuts.push(Burst(whole.channel, 0, RATE, np.array([1.0, 1.0, 7.0, 7.0]))))
    assert [each.how for each in made] == [WHOLE, half.cut]
    found = [(derived.outputs, derived.values.tolist()) for each in made for derived in features.push(each)]
    assert found == [(whole.outputs, [5.0]), ((99,), [1.0]), ((99,), [7.0])]


def test_what_was_computed_before_leaves_no_trace():
    every = (
        "kurtosis",
        "percentile(90)",
        "band_rms(10, 400)",
        "severity(10, 400, 1, 2, 3)",
        "peak_frequency(2)",
        *ORDERS,
    )
    random = np.random.default_rng(5)
    features = Features(*every, shaft="flow")
    for at in range(200):
        values = random.normal(size=int(random.choice([64, 100, 1000, 1024])))
        rate, speed = float(random.choice([1000.0, 1024.0, 6400.0])), float(random.choice([0.0, 1450.0, 1500.0]))
        found = []
        for each in (features, Features(*every, shaft="flow")):
            each.speed(at, speed)
            found += each.of(values, at=at, rate=rate)
        assert found[0].values.tobytes() == found[1].values.tobytes()
        assert found[0].reasons == found[1].reasons
