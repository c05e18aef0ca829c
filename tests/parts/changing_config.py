"""Configs of one site as it is edited again and again: what is `steady` in it stays as it is."""

STEADY = """\
[gateway]
id = "site"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[summary]
every = "1s"
[sources.steady]
plugin = "simulator"
interval = "10ms"
[features.steady]
channels = ["steady.pressure"]
window = "2s"
every = "100ms"
compute = ["std"]
[models.steady]
channels = ["steady.pressure", "steady.flow"]
learn = "1h"
[rules.steady]
channel = "steady.pressure"
above = 1.0
"""


def random_config(random, mqtt):
    """Some more sources, each polled, judged and sent in some way or not, before and behind what is steady.

    Some of them are of the plugin of `learner`.
    """
    before, behind = [], []
    for number in range(5):
        name = f"pump{number}"
        if random.random() < 0.4:
            continue
        tables = before if random.random() < 0.5 else behind
        interval = random.choice(["10ms", "20ms", "50ms"])
        tables.append(f'[sources.{name}]\nplugin = "simulator"\ninterval = "{interval}"\n')
        if random.random() < 0.5:
            tables.append(_feature(name, random))
        if random.random() < 0.5:
            tables.append(f'[rules.{name}]\nchannel = "{name}.pressure"\nabove = {random.choice([1.0, 2.0])}\n')
        if random.random() < 0.3:
            tables.append(f'[calculated.{name}]\nformula = "{name}.pressure * 2 + steady.flow"\n')
    for number in range(3):
        if random.random() < 0.7:
            unit = random.choice([1, 2])
            behind.append(f'[sources.learner{number}]\nplugin = "learner"\ninterval = "100ms"\nunit = {unit}\n')
    if random.random() < 0.3:
        behind.append('[readings]\nchannels = ["*.flow"]\n')
    return "".join([*before, STEADY.format(mqtt=mqtt), *behind])


def _feature(name, random):
    window = random.choice(["1s", "2s"])
    return f'[features.{name}]\nchannels = ["{name}.*"]\nwindow = "{window}"\nevery = "200ms"\ncompute = ["rms"]\n'
