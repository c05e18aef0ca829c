from types import SimpleNamespace

import msgspec

from gatewayd.calculator import State
from gatewayd.config import load
from gatewayd.daemon.status import birth, headline

CONFIG = """
[gateway]
id = "hafen-01"
[mqtt]
url = "mqtt://localhost"
[sources.pump1]
plugin = "simulator"
interval = "1s"
burst = "1s"
[features.band]
channels = ["pump1.acceleration"]
compute = ["band_rms(10, 1000)"]
[bearings.drive_end]
channel = "pump1.acceleration"
shaft = "24.7Hz"
orders = { bpfo = 3.58, bpfi = 5.42, bsf = 2.36, ftf = 0.398 }
[rules.outer]
channel = "bearing.drive_end.outer_race"
above = 3.0
"""


def told(*bad_counts, calculating=()):
    return headline(
        SimpleNamespace(
            sources=[SimpleNamespace(state="ok", bad_count=count) for count in bad_counts],
            calculations=[SimpleNamespace(state=state) for state in calculating],
            alarms=(),
            uplink=SimpleNamespace(connected=True),
            outbox=SimpleNamespace(waiting=3),
        )
    )


def test_all_of_it_is_in_one_line():
    assert told(0, 0) == "2 of 2 sources ok, 0 alarms, broker connected, 3 messages wait"


def test_sources_that_answer_without_a_good_value_are_not_passed_off_as_well():
    assert told(0, 2, 1) == "3 of 3 sources ok, 3 channels bad, 0 alarms, broker connected, 3 messages wait"


def test_calculations_that_give_nothing_are_counted():
    calculating = [State.OK, State.SLOW, State.STUCK, State.FAILING, State.STARTING]
    assert told(0, calculating=calculating).startswith("1 of 1 sources ok, 2 calculations failing, 0 alarms")


def test_the_birth_tells_channels_with_units_bearings_and_rules(tmp_path):
    path = tmp_path / "gatewayd.toml"
    path.write_text(CONFIG)
    born = birth(load(path), "epoch")
    channels = born["sources"]["pump1"]["channels"]
    assert channels["acceleration"] == {"unit": "m/s2", "kind": "waveform"}
    assert channels["acceleration.band_rms(10, 1000)"] == {"unit": "m/s2", "kind": "scalar"}
    assert channels["bearing.drive_end.score"] == {"unit": "1", "kind": "scalar"}
    orders = {"bpfo": 3.58, "bpfi": 5.42, "bsf": 2.36, "ftf": 0.398}
    assert born["bearings"] == {"drive_end": {"channel": "pump1.acceleration", "orders": orders}}
    assert born["rules"]["outer"]["channel"] == "bearing.drive_end.outer_race"
    msgspec.json.encode(born)
