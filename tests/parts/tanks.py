"""Variants of a plugin: one that is right, some that are unusual and right, and many that are wrong by one fault."""

PLUGIN = """
import asyncio
from dataclasses import dataclass

import gatewayd.plugin
from gatewayd.plugin import Channel, Effort, Poll, Quality, Sample, Source, SourceError, hookimpl

KEPT = []


@dataclass
class Tank(Source):
    host: str
    port: int = 4001

    def declare(self):
        return [Channel("level", unit="m")]

    async def poll(self, poll):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            return Sample("level", float(await reader.readline()))
        except ValueError as error:
            raise SourceError(str(error)) from None
        finally:
            writer.close()


@hookimpl
def register_sources(register):
    register("tank", Tank)
"""

READ = 'return Sample("level", float(await reader.readline()))'
POLL = "    async def poll(self, poll):\n"
DECLARE = '        return [Channel("level", unit="m")]'
ASK = "        reader, writer = await asyncio.open_connection(self.host, self.port)\n"
MEAN = 'return Sample("level", sum(KEPT) / len(KEPT))'
CLOSED = 'value = float(await reader.readline()); writer.close(); return Sample("level", value)'
KEEPING = 'KEPT.append(float(await reader.readline())); return Sample("level", KEPT[-1])'
BLOCKING = """
    def ask(self):
        import socket
        with socket.create_connection((self.host, self.port)) as connection:
            connection.recv(9)
"""

RIGHT = {
    "slow": ("an_answer_may_come_in_crumbs", [(READ, f"await asyncio.sleep(0.2); {READ}")]),
    "often nothing": (
        "an_answer_may_come_in_crumbs",
        [(READ, f"KEPT.append(1)\n            if len(KEPT) % 3: return []\n            {READ}")],
    ),
    "a ring": (
        "its_memory_does_not_grow",
        [(READ, f"KEPT.append(float(await reader.readline()))\n            del KEPT[:-1000]\n            {MEAN}")],
    ),
    "another poll, now and then": (
        "every_channel_has_a_value",
        [
            (POLL, f"    def polls(self, every): return [Poll(every, ('level',)), Poll(60.0, ('temp',))]\n{POLL}"),
            (DECLARE, '        return [Channel("level", unit="m"), Channel("temp", unit="Cel")]'),
            (READ, "return Sample(poll.channels[0], float(await reader.readline()))"),
        ],
    ),
    "a store that is emptied one by one": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [
            (ASK, f"        if len(KEPT) > 1: return Sample('level', KEPT.pop())\n{ASK}"),
            (READ, 'KEPT.extend([float(await reader.readline())] * 9); return Sample("level", KEPT.pop())'),
        ],
    ),
    "what is known without the device": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [
            (DECLARE, '        return [Channel("level", unit="m"), Channel("age", unit="s")]'),
            (ASK, f"        try:\n    {ASK}        except OSError:\n            return Sample('age', 5.0)\n"),
            (READ, f'return [{READ.removeprefix("return ")}, Sample("age", 0.0)]'),
        ],
    ),
    "values of this morning, and one of now": (
        "its_newest_values_are_new",
        [(READ, 'return [Sample("level", 1.0, time=5), Sample("level", float(await reader.readline()))]')],
    ),
    "a thread with a time limit": (
        "a_silent_device_is_given_up_and_read_again_when_it_speaks",
        [
            (ASK, f"        await asyncio.to_thread(self.ask)\n{ASK}"),
            (POLL, BLOCKING.replace("self.port))", "self.port), 0.05)") + POLL),
        ],
    ),
}
"""By name: the test of the conformance suite that may be misled, and what is replaced in the plugin."""

FAULTS = {
    "another name": (
        "it_loads_and_registers_what_it_brings",
        [('register("tank"', 'register("tonk"')],
        "not the name of its entry point",
    ),
    "a hook with other arguments": (
        "it_loads_and_registers_what_it_brings",
        [("def register_sources(register)", "def register_sources(register, config)")],
        "config",
    ),
    "no dataclass": (
        "its_options_are_the_fields_of_a_dataclass",
        [("@dataclass\n", "")],
        "Tank is no dataclass",
    ),
    "other arguments": (
        "its_methods_take_what_gatewayd_gives",
        [("def poll(self, poll)", "def poll(self)")],
        "Tank has poll(self); gatewayd calls poll(self, poll)",
    ),
    "no poll": (
        "its_methods_take_what_gatewayd_gives",
        [("def poll(self, poll)", "def read(self, poll)")],
        "Tank has no poll; write `async def poll`",
    ),
    "a coroutine that nobody awaits": (
        "its_methods_take_what_gatewayd_gives",
        [(POLL, f"    async def about(self): return {{}}\n{POLL}")],
        "Tank.about is an async function",
    ),
    "a channel that nobody can set": (
        "what_it_lets_be_set_it_can_set",
        [(DECLARE, '        return [Channel("level", unit="m", writable=(0, 1))]')],
        "level is writable, and Tank has no write; write `async def write(self, channel, value)`",
    ),
    "a wrong unit": (
        "its_units_are_ucum",
        [('unit="m"', 'unit="°C"')],
        "the unit of level is '°C', which is no UCUM code; 'Cel' is meant",
    ),
    "a unit in words": (
        "its_units_are_ucum",
        [('unit="m"', 'unit="pulses per hour"')],
        "the unit of level is 'pulses per hour', which is no UCUM code; see https://ucum.org",
    ),
    "another mind each time": (
        "it_declares_the_same_again_without_asking_anyone",
        [
            (DECLARE, '        return [Channel("level", unit=self.unit)]'),
            (POLL, f'    def __post_init__(self): KEPT.append("m"); self.unit = "".join(KEPT)\n{POLL}'),
        ],
        "then",
    ),
    "a device that is opened too early": (
        "it_declares_the_same_again_without_asking_anyone",
        [(POLL, f"    def __post_init__(self):\n        import os; os.close(os.open('/dev/null', 0))\n{POLL}")],
        "opens /dev/null before open()",
    ),
    "another plugin's parts": (
        "it_imports_nothing_of_gatewayd_but_its_public_part",
        [("import gatewayd.plugin\n", "from gatewayd_plugins import simulator\n")],
        "imports gatewayd_plugins.simulator",
    ),
    "private parts": (
        "it_imports_nothing_of_gatewayd_but_its_public_part",
        [("import gatewayd.plugin\n", "from gatewayd import clock\n")],
        "imports gatewayd.clock",
    ),
    "a changing mind": (
        "it_declares_the_same_again_without_asking_anyone",
        [(DECLARE, '        KEPT.append(1)\n        return [Channel("level", unit=f"m{len(KEPT)}")]')],
        "then",
    ),
    "asking the network": (
        "it_declares_the_same_again_without_asking_anyone",
        [
            (DECLARE, f"        self.line()\n{DECLARE}"),
            (POLL, f"    def line(self):\n        import socket; socket.getaddrinfo(self.host, 1)\n{POLL}"),
        ],
        "asks the network",
    ),
    "odd efforts": (
        "its_efforts_are_times",
        [(POLL, f"    def effort(self, poll): return [Effort('read', -1.0)]\n{POLL}")],
        "Effort(what='read', seconds=-1.0)",
    ),
    "no limit": (
        "its_calls_may_take_a_limited_time",
        [(POLL, f"    poll_limit = float('inf')\n{POLL}")],
        "poll_limit is inf",
    ),
    "a memory that it must understand": (
        "it_forgets_a_memory_that_makes_no_sense",
        [(POLL, f"    def recall(self, memory): int(memory)\n{POLL}")],
        "ValueError",
    ),
    "a memory without end": (
        "it_forgets_a_memory_that_makes_no_sense",
        [(POLL, f"    def memory(self): return bytes(100_000)\n{POLL}")],
        "65536 at most",
    ),
    "a silent channel": (
        "every_channel_has_a_value",
        [(DECLARE, '        return [Channel("level", unit="m"), Channel("temp")]')],
        "no value of it.temp",
    ),
    "a wrong channel": (
        "every_channel_has_a_value",
        [('Sample("level"', 'Sample("lewel"')],
        "polls failed",
    ),
    "nothing at all": (
        "every_channel_has_a_value",
        [(READ, "await reader.readline()")],
        "expected a Sample, a Block or a Waveform, or several of them, got None",
    ),
    "no number": (
        "every_channel_has_a_value",
        [(READ, 'return Sample("level", float("nan"))')],
        "it.level was never good",
    ),
    "bad without a reason": (
        "what_is_not_good_has_a_reason",
        [(READ, 'return Sample("level", 1.0, Quality.BAD)')],
        "no reason for",
    ),
    "a memory that it cannot bear itself": (
        "what_it_learned_is_of_use_after_a_restart",
        [
            (POLL, f"    def memory(self): return b'x'\n    def recall(self, memory): self.port = 1\n{POLL}"),
        ],
        "",
    ),
    "numbers about the device": (
        "what_it_says_of_its_device_is_text",
        [(POLL, f"    def about(self): return {{'serial': 4711}}\n{POLL}")],
        "about() gives {'serial': 4711}",
    ),
    "blocking": (
        "it_leaves_the_event_loop_to_others",
        [(ASK, f"        import time; time.sleep(0.03)\n{ASK}")],
        "poll() holds everything up for 0.",
    ),
    "blocking when it opens": (
        "it_leaves_the_event_loop_to_others",
        [(POLL, f"    async def open(self):\n        import time; time.sleep(0.03)\n{POLL}")],
        "open() holds everything up for 0.",
    ),
    "blocking when it closes": (
        "it_leaves_the_event_loop_to_others",
        [(POLL, f"    async def close(self):\n        import time; time.sleep(0.03)\n{POLL}")],
        "close() holds everything up for 0.",
    ),
    "blocking for ever": (
        "it_can_be_broken_off_at_any_time",
        [(ASK, f"        self.ask()\n{ASK}"), (POLL, f"{BLOCKING}{POLL}")],
        "it blocks: Tank.poll at ",
    ),
    "blocking when it fails": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [(ASK, f"        try:\n    {ASK}        except OSError: import time; time.sleep(0.3); raise\n")],
        "a device that is gone holds everything up for 0.",
    ),
    "swallowing cancellation": (
        "it_can_be_broken_off_at_any_time",
        [
            (
                ASK,
                f"        try: await asyncio.sleep(3)\n        except BaseException: await asyncio.sleep(3)\n{ASK}",
            ),
        ],
        "goes on for more than",
    ),
    "leaving a connection open": (
        "it_leaves_nothing_behind",
        [("            writer.close()", "            import os; os.dup(0); writer.close()")],
        "/dev/null",
    ),
    "leaving a task": (
        "it_leaves_nothing_behind",
        [(ASK, f"{ASK}        KEPT.append(asyncio.create_task(asyncio.sleep(9), name='forgotten'))\n")],
        "forgotten",
    ),
    "leaving a process": (
        "it_leaves_nothing_behind",
        [(ASK, f"{ASK}        import subprocess; KEPT.append(subprocess.Popen(['true']))\n")],
        "process ",
    ),
    "leaving a connection open when it fails": (
        "a_failed_poll_leaves_nothing_behind",
        [("            writer.close()", "            KEPT.append(writer)"), (READ, CLOSED)],
        "failed polls leave behind: socket:",
    ),
    "a thread that nobody ends": (
        "a_silent_device_is_given_up_and_read_again_when_it_speaks",
        [(ASK, f"        await asyncio.to_thread(self.ask)\n{ASK}"), (POLL, f"{BLOCKING}{POLL}")],
        "its thread still waits at ",
    ),
    "a time in seconds since 1970": (
        "its_newest_values_are_new",
        [
            (ASK, f"        import time\n{ASK}"),
            (READ, 'return Sample("level", float(await reader.readline()), time=int(time.time()))'),
        ],
        "s old; give times in nanoseconds, as gatewayd.plugin.now() does",
    ),
    "growing slowly": (
        "its_memory_does_not_grow",
        [(ASK, f"        KEPT.append({{'level': len(KEPT)}})\n{ASK}")],
        "it grows by ",
    ),
    "growing": ("its_memory_does_not_grow", [(ASK, f"        KEPT.append(bytes(4000))\n{ASK}")], "it grows by 40"),
    "no answer is a bug": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [(ASK, f"        try:\n    {ASK}        except OSError as error: raise KeyError from error\n")],
        "is gone makes it raise KeyError",
    ),
    "a value that is made up while the device is gone": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [(ASK, f"        try:\n    {ASK}        except OSError:\n            return Sample('level', 0.0)\n")],
        "goes on giving good values of a device that is gone",
    ),
    "a value that is kept for ever": (
        "a_device_that_is_gone_is_a_failed_poll_and_no_bug",
        [(ASK, f"        if KEPT: return Sample('level', KEPT[0])\n{ASK}"), (READ, KEEPING)],
        "goes on giving good values of a device that is gone: level",
    ),
    "a value in place of nonsense": (
        "nonsense_is_a_failed_poll_and_no_bug",
        [("raise SourceError(str(error)) from None", "return Sample('level', 1.25)")],
        "goes on giving good values of a device that talks nonsense: level 1.25",
    ),
    "nonsense is a bug": (
        "nonsense_is_a_failed_poll_and_no_bug",
        [("raise SourceError(str(error)) from None", "raise")],
        "talks nonsense makes it raise ValueError",
    ),
    "a connection for life": (
        "a_connection_that_is_cut_is_made_again",
        [
            (ASK, "        if not KEPT: KEPT.append(await asyncio.open_connection(self.host, self.port))\n"),
            (READ, 'data = await KEPT[0][0].readline(); return Sample("level", float(data or b"x"))'),
            ("            writer.close()", "            pass"),
        ],
        "does not recover",
    ),
    "packets": (
        "an_answer_may_come_in_crumbs",
        [(READ, 'return Sample("level", float(await reader.read(100)))')],
        "instead of",
    ),
    "an option without a word": ("its_readme_explains_every_option_and_feature", [], "does not mention port"),
}
"""By name: the test that must find it, what is replaced in the plugin, and what the test must say."""
