"""The simulated pump: plausible, deterministic, smooth, and ill in the way that its fault says."""

import numpy as np
import pytest

from gatewayd_plugins.simulator.faults import Episode, Fault
from gatewayd_plugins.simulator.pump import OUTER_RACE, RATE, Pump

COUNT = 1024

BEGINS, LASTS = 200.0, 120.0
SEEDS = range(6)
READINGS = ("pressure", "flow", "vibration", "body_temp", "power", "running")


def ill(fault, seed=1):
    return Pump(seed, Episode(fault, BEGINS, LASTS))


def series(pump, begin, end, step=0.1):
    """Every reading of the pump over some time."""
    rows = [pump.readings(time) for time in np.arange(begin, end, step)]
    return {reading: np.array([getattr(row, reading) for row in rows]) for reading in READINGS}


def rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def kurtosis(values):
    centred = values - values.mean()
    return float(np.mean(centred**4) / np.mean(centred**2) ** 2)


def bursts(pump, begin, end):
    return np.concatenate([pump.acceleration(time, COUNT) for time in np.arange(begin, end, 0.5)])


def test_the_same_seed_is_the_same_pump_and_another_seed_another():
    assert Pump(3).readings(12.5) == Pump(3).readings(12.5)
    assert np.array_equal(Pump(3).acceleration(12.5, COUNT), Pump(3).acceleration(12.5, COUNT))
    assert Pump(3).readings(12.5) != Pump(4).readings(12.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_healthy_pump_stays_within_what_its_plate_says(seed):
    values = series(Pump(seed), 0, 300, step=0.7)
    for reading, low, high in [
        ("pressure", 2.5, 3.4),
        ("flow", 108, 132),
        ("vibration", 1.4, 2.2),
        ("body_temp", 40, 42),
        ("power", 1000, 1350),
        ("running", 1, 1),
    ]:
        assert low <= values[reading].min(), reading
        assert values[reading].max() <= high, reading


@pytest.mark.parametrize("fault", list(Fault))
def test_no_reading_jumps(fault):
    turns = [series(ill(fault), turn - 1, turn + 4, step=0.01) for turn in (BEGINS, BEGINS + LASTS)]
    for reading, step in [("pressure", 0.1), ("flow", 4), ("vibration", 0.4), ("body_temp", 0.05), ("power", 40)]:
        assert max(np.abs(np.diff(values[reading])).max() for values in turns) < step, reading


@pytest.mark.parametrize("fault", list(Fault))
def test_every_reading_is_finite_and_none_is_negative(fault):
    values = series(ill(fault), 150, BEGINS + LASTS + 50, step=0.37)
    for reading in READINGS:
        assert np.isfinite(values[reading]).all()
        assert values[reading].min() >= 0, reading


@pytest.mark.parametrize("seed", SEEDS)
def test_cavitation_is_loud_and_restless_and_costs_flow_and_pressure(seed):
    pump = ill(Fault.CAVITATION, seed)
    healthy, sick = series(pump, 180, 200), series(pump, 210, 230)
    for reading in ("flow", "pressure"):
        assert sick[reading].mean() < 0.95 * healthy[reading].mean()
    assert sick["pressure"][:20].std() > 3 * healthy["pressure"][:20].std()
    assert sick["vibration"].min() > 1.5 * healthy["vibration"].max()


def test_a_bearing_shows_in_the_kurtosis_before_it_shows_in_the_vibration_and_then_in_both():
    pump = ill(Fault.BEARING)
    healthy, early, late = (bursts(pump, begin, begin + 5) for begin in (150, BEGINS + 10, BEGINS + 60))
    assert kurtosis(healthy) < 3.2
    assert kurtosis(early) > 3.5
    assert rms(early) < 1.5 * rms(healthy)
    assert rms(late) > 2 * rms(healthy)
    assert kurtosis(late) > 3.5


def test_the_impacts_of_a_bad_bearing_are_seen_in_the_envelope_and_are_no_exact_tones():
    burst = Pump(1, Episode(Fault.BEARING, 0.0)).acceleration(20.0, 6400)
    spectrum = np.abs(np.fft.rfft(burst)) ** 2
    ringing = np.fft.irfft(np.where(abs(np.fft.rfftfreq(6400, 1 / RATE) - 2200) < 500, np.fft.rfft(burst), 0))
    envelope = np.abs(np.fft.rfft(ringing**2))
    around = slice(150, 200)
    assert 150 + envelope[around].argmax() == pytest.approx(OUTER_RACE, abs=1)
    assert spectrum[2000:2400].max() < 0.25 * spectrum[2000:2400].sum()


def test_a_bad_bearing_warms_the_body_slowly_and_it_cools_slowly():
    temperatures = series(ill(Fault.BEARING), BEGINS, BEGINS + LASTS, step=10)["body_temp"]
    assert temperatures[1] - temperatures[0] < 2
    assert temperatures[-1] - temperatures[0] > 8
    after = ill(Fault.BEARING).readings(BEGINS + LASTS + 20).body_temp
    assert 45 < after < temperatures[-1] + 1


def test_a_dry_pump_delivers_nothing_and_heats_up():
    pump = ill(Fault.DRY_RUN)
    dry = pump.readings(BEGINS + 60)
    assert dry.flow < 1
    assert dry.pressure < 0.1
    assert dry.power < 0.4 * pump.readings(BEGINS - 1).power
    assert dry.body_temp > pump.readings(BEGINS - 1).body_temp + 15


@pytest.mark.parametrize("fault", list(Fault))
def test_the_pump_is_well_again_after_its_fault(fault):
    sick, healthy = ill(fault), Pump(1)
    for reading in ("pressure", "flow", "vibration", "power"):
        after = getattr(sick.readings(BEGINS + LASTS + 40), reading)
        assert after == pytest.approx(getattr(healthy.readings(BEGINS + LASTS + 40), reading))


@pytest.mark.parametrize("fault", list(Fault))
def test_the_vibration_reading_is_the_rms_of_the_waveform(fault):
    pump = ill(fault)
    for time in (100.0, BEGINS + 40.0, BEGINS + 90.0):
        measured = rms(pump.acceleration(time, COUNT))
        assert measured == pytest.approx(pump.vibration(time).rms, rel=0.12)
        assert pump.readings(time).vibration == pytest.approx(pump.vibration(time).rms, rel=0.12)


def test_a_burst_holds_the_shaft_and_the_blades():
    spectrum = np.abs(np.fft.rfft(np.stack([Pump().acceleration(t, COUNT) for t in range(20)])))
    mean = spectrum.mean(axis=0)
    frequencies = np.fft.rfftfreq(COUNT, 1 / RATE)
    strongest = set(np.round(frequencies[np.argsort(mean)[-6:]] / 48.5))
    assert {1.0, 6.0} <= strongest


def test_a_short_fault_grows_and_fades_within_a_quarter_of_itself():
    episode = Episode(Fault.BEARING, begins=10, lasts=4)
    severities = [episode.severity(Fault.BEARING, time) for time in (10, 10.5, 11, 14, 14.5, 15)]
    assert severities == pytest.approx([0, 0.5, 1, 1, 0.5, 0])
    assert episode.severity(Fault.CAVITATION, 12) == 0
