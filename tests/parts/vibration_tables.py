"""Tables of waveforms, features and bearings, as a config has them."""

from config_files import BASE

BURSTS = BASE + 'burst = "10s"\n'
RULE = '[rules.r]\nchannel = "pump1.acceleration.{}"\nabove = 1\n'
BROKEN = '[sources.broken]\nplugin = "nowhere"\n'
WHY = 'source "broken" is left out, because its plugin "nowhere" cannot be used'


def features(compute, *lines, channels='"pump1.acceleration"', of="f"):
    """A table in which `compute` is in line 10, if it is the first one."""
    return f"[features.{of}]\nchannels = [{channels}]\ncompute = [{compute}]\n" + "".join(f"{line}\n" for line in lines)


def bearing(*lines, channel="pump1.acceleration", shaft='shaft = "24.7Hz"\n'):
    """A table whose lines begin with line 11, or earlier without a shaft."""
    return f'[bearings.b]\nchannel = "{channel}"\n{shaft}' + "".join(f"{line}\n" for line in lines)


def said(config):
    return [(problem.line, problem.what) for problem in config.problems if not problem.fatal]
