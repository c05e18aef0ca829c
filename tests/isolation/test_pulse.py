import asyncio

from gatewayd.isolation.pulse import Pulse
from gatewayd.testing import hold, simulate


def silences(*script):
    """When a pulse with a limit of 5 s called for help during a script of ("beat" | "sleep" | "hold", seconds)."""

    async def watched():
        loop = asyncio.get_running_loop()
        begun, told = loop.time(), []
        pulse = Pulse(5.0, lambda: told.append(loop.time() - begun))
        for what, seconds in script:
            if what == "beat":
                pulse.beat(seconds)
            elif what == "hold":
                hold(seconds)
            else:
                await asyncio.sleep(seconds)
        pulse.stop()
        return told

    return simulate(watched())


def test_silence_is_noticed_once():
    assert silences(("sleep", 100)) == [5.0]


def test_beats_keep_it_calm_and_the_last_one_counts():
    beats = [("sleep", 1), ("beat", 5.0)] * 10
    assert silences(*beats, ("sleep", 4.9)) == []
    assert silences(*beats, ("sleep", 5.1)) == [15.0]


def test_another_limit_counts_from_its_beat():
    assert silences(("sleep", 4), ("beat", 1.0), ("sleep", 2)) == [5.0]
    assert silences(("beat", 60.0), ("sleep", 59)) == []


def test_when_we_were_held_up_ourselves_it_gets_another_chance():
    assert silences(("sleep", 1), ("hold", 30), ("sleep", 0), ("beat", 5.0), ("sleep", 4)) == []
    assert silences(("sleep", 1), ("hold", 30), ("sleep", 100)) == [36.0]
