"""What a gateway has learned outlives an upgrade: state is good for its table's definition, and that stays the same."""

import numpy as np
from config_files import HEAD, loaded

from gatewayd.engine.engine import Engine
from gatewayd.model import Polled

SECOND = 1_000_000_000
CONFIG = (
    HEAD
    + """
[sources.pump1]
plugin = "simulator"
interval = "1s"
[features.vibration]
channels = ["pump1.vibration"]
window = "10s"
compute = ["rms"]
[assets.station]
sources = ["pump1"]
running = "pump1.pressure"
above = 0.5
[totals.volume]
channel = "pump1.flow"
per = "1m"
[models.pump1]
channels = ["pump1.pressure", "pump1.flow"]
learn = 50
[forecasts.pressure]
channel = "pump1.pressure"
limit = 5.0
[rules.overpressure]
channel = "pump1.pressure"
above = -1.0
"""
)
DEFINITIONS = {
    ("rules", "overpressure"): "9f125436a291456c",
    ("totals", "volume"): "ad00c9f4e0f0ca39",
    ("models", "pump1/0"): "b1cf714e45acc7b1",
    ("learning", "pump1/0"): "b1cf714e45acc7b1",
    ("drift", "pump1/0"): "b1cf714e45acc7b1",
    ("assets", "station"): "8f5cc49b13ba876c",
    ("forecasts", "pressure"): "38dc3ac99977be6c",
    ("floods", ""): "b3eee56fba705ae1",
}
"""By stage and name. Who must change one of them makes what was saved under it worthless: at all sites, at once."""


def saved_by_all_stages(folder):
    config = loaded(folder, CONFIG)
    engine = Engine(config.plan, "boot-1")
    said = list(engine.restore((), SECOND).saved)
    noise = np.random.default_rng(5)
    for second in range(2, 150):
        for number, group in enumerate(config.plan.groups):
            values = 2 + noise.normal(size=len(group.channels)) / 10
            polled = Polled(number, second * SECOND, values, np.zeros(len(values), np.uint8), {}, 0)
            said += engine.feed(polled).saved
    return {(each.stage, each.name): each.definition for each in (*said, *engine.stop(150 * SECOND).saved) if each.data}


def test_state_that_was_saved_stays_good(tmp_path):
    found = saved_by_all_stages(tmp_path)
    assert {key: found.get(key) for key in DEFINITIONS} == DEFINITIONS
