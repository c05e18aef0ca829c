"""The tests of gatewayd-iio, on an imitated sysfs tree: `pip install -e ".[test]"`, then `pytest`."""

import re
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from fake_iio import accelerometer
from gatewayd.plugin import SourceError
from gatewayd.testing import conformance, problems

from gatewayd_iio.recorder import pace


@asynccontextmanager
async def sensor():
    with tempfile.TemporaryDirectory() as folder:
        async with accelerometer(Path(folder)) as device:
            yield device.options


TestConformance = conformance("iio", sensor)


@pytest.mark.parametrize("newer", [False, True])
async def test_a_burst_is_in_metres_per_second_squared_with_its_rate_and_time(by_hand, tmp_path, newer):
    async with (
        accelerometer(tmp_path, newer=newer) as device,
        by_hand(plugin="iio", rate=1000, **device.options) as hand,
    ):
        x, y, z = await hand.poll()
        assert [wave.channel for wave in (x, y, z)] == ["x", "y", "z"]
        assert np.allclose(x.values, (np.arange(64) + 10) * 0.01)  # the x axis has an offset of its own
        assert np.allclose(y.values, -np.arange(64) * 0.01)
        assert (len(z.values), z.values[0], z.rate, z.time, z.gap) == (64, 10.0, 1000.0, device.begun, False)
        assert device.read("sampling_frequency") == "1000"
        assert device.read(f"{device.buffer.name}/enable") == "0"
        assert hand.source.about() == {"name": "adxl345", "rate": "1000 Hz"}


async def test_gatewayd_takes_the_bursts(polling, tmp_path):
    async with accelerometer(tmp_path) as device:
        table = {"plugin": "iio", "rate": 1000, "axes": ["z"], "interval": "20ms", **device.options}
        async with polling(pump=table) as bench:
            await bench.polls(3)
            assert bench.failures["pump"] == []
            assert [len(burst.values) for burst in bench.waveforms["pump.z"]] >= [64, 64]


async def test_only_the_axes_that_are_wanted_are_in_the_buffer(by_hand, tmp_path):
    async with (
        accelerometer(tmp_path) as device,
        by_hand(plugin="iio", axes=["y"], rate=1000, **device.options) as hand,
    ):
        (y,) = await hand.poll()
        assert np.allclose(y.values, -np.arange(64) * 0.01)
        assert [device.read(f"scan_elements/in_accel_{axis}_en") for axis in "xyz"] == ["0", "1", "0"]


async def test_lost_scans_are_a_gap(by_hand, tmp_path):
    async with accelerometer(tmp_path) as device, by_hand(plugin="iio", rate=1000, **device.options) as hand:
        device.skips = {20, 21}
        assert [(wave.gap, wave.rate) for wave in await hand.poll()] == [(True, 1000.0)] * 3


def test_a_scan_that_is_only_late_is_no_gap():
    times = np.arange(64) * 1_000_000
    late = times.copy()
    late[20] += 700_000
    assert pace(late, 1000.0) == (pytest.approx(1000.0), False)
    assert pace(np.delete(times, 20), 1000.0) == (1000.0, True)
    assert pace(np.delete(times, 62), 1000.0) == (1000.0, True)


async def test_nobody_is_kept_from_the_device_between_two_bursts(by_hand, tmp_path):
    async with (
        accelerometer(tmp_path) as device,
        by_hand(plugin="iio", rate=1000, **device.options) as all_axes,
        by_hand(plugin="iio", rate=100, axes=["z"], **device.options) as one,
    ):
        for _ in range(2):
            assert len(await all_axes.poll()) == 3
            assert device.readers() == 1  # the device itself
            (z,) = await one.poll()
            assert z.values[0] == 10.0


@pytest.mark.parametrize(("rate", "written"), [(12.5, "12.5"), (26667.25, "26667.25"), (1_600_000, "1600000")])
async def test_a_rate_is_written_as_the_kernel_reads_it(by_hand, tmp_path, rate, written):
    async with accelerometer(tmp_path) as device, by_hand(plugin="iio", rate=rate, **device.options) as hand:
        await hand.poll()
        assert device.read("sampling_frequency") == written


async def test_without_timestamps_the_nominal_rate_is_taken(by_hand, tmp_path):
    async with accelerometer(tmp_path, times=False) as device, by_hand(plugin="iio", **device.options) as hand:
        waves = await hand.poll()
        assert [(wave.rate, wave.time) for wave in waves] == [(100.0, None)] * 3


async def test_a_clock_that_is_a_little_off_is_measured_and_a_wrong_one_not_believed(by_hand, tmp_path):
    async with accelerometer(tmp_path) as device:
        for nominal, taken in ((1040, 1000.0), (4000, 4000.0)):
            async with by_hand(plugin="iio", rate=nominal, **device.options) as hand:
                assert (await hand.poll())[0].rate == pytest.approx(taken)


async def test_a_device_that_is_not_there_is_told_with_those_that_are(by_hand, tmp_path):
    async with accelerometer(tmp_path) as device:
        options = {**device.options, "device": "lis3dh"}
        async with by_hand(plugin="iio", **options) as hand:
            with pytest.raises(SourceError, match=r"called 'lis3dh'; there are: iio:device0 \(adxl345\)"):
                await hand.poll()


async def test_an_axis_that_it_does_not_have_is_told(by_hand, tmp_path):
    async with accelerometer(tmp_path) as device:
        (device.elements / "in_accel_z_en").unlink()
        async with by_hand(plugin="iio", **device.options) as hand:
            with pytest.raises(SourceError, match="adxl345 has no in_accel_z in its buffer"):
                await hand.poll()


async def test_a_silent_device_is_broken_off_and_read_again(by_hand, tmp_path):
    async with accelerometer(tmp_path) as device, by_hand(plugin="iio", rate=1000, **device.options) as hand:
        device.silent = True
        type(hand.source).poll_limit, whole = 0.1, type(hand.source).poll_limit
        try:
            with pytest.raises(TimeoutError):
                await hand.poll()
        finally:
            type(hand.source).poll_limit = whole
        assert device.read("buffer/enable") == "0"
        device.silent = False
        assert len(await hand.poll()) == 3


@pytest.mark.parametrize("axes", [[], ["x", "x"]])
def test_axes_that_make_no_sense_are_an_error_of_the_config(axes):
    (problem,) = problems(pump={"plugin": "iio", "device": "adxl345", "axes": axes})
    assert "name each once" in problem.fix


def test_the_config_in_the_readme_is_right():
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    (config,) = re.findall(r"`{3}toml\n(.*?)`{3}", readme, re.DOTALL)
    assert problems(config) == ()
