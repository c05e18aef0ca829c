"""What an integrator reads about a wrong Modbus source: all of it at once, word for word."""

from config_files import HEAD, loaded, problems

SOURCE = """\
[sources.m]
plugin = "modbus"
url = "tcp://127.0.0.1"
[sources.m.channels]
"""
FIRST = (HEAD + SOURCE).count("\n") + 1
RAW = "its numbers are from 0 to 65535: give the raw one, before it is scaled"


def told(folder, channels):
    """What is said about a table of channels: line and column, text."""
    prefix = "gatewayd.toml:"
    return [each.removeprefix(prefix) for each in problems(folder, HEAD + SOURCE + channels)]


def test_all_wrong_channels_are_told_at_once(tmp_path):
    channels = """\
temp = { register = "30001", type = "int16", absent = 32768 }
mode = { register = "holding:70000", labels = { 0 = "off" } }
right = { register = "holding:5" }
flags = { register = "holding:6", bits = "4-7" }
"""
    assert told(tmp_path, channels) == [
        f'{FIRST}:46: int16 is never 32768; what is 32768 without a sign is "0x8000", or -32768',
        f"{FIRST + 1}:10: the address 70000 in 'holding:70000' is above 65535; addresses count from 0 to 65535",
        f"{FIRST + 3}:35: '4-7' is no range of bits; write the first and the last bit: bits = \"4..7\" or [4, 7]",
    ]


def test_what_is_wrong_with_the_source_is_told_with_it(tmp_path):
    text = HEAD + SOURCE.replace('"tcp://127.0.0.1"', '"tcp://"\ntimeout = "2m"') + 'a = { register = "hold:1" }\n'
    text += '[sources.m.texts]\nserial = { register = "coil:1", length = 4 }\n'
    assert [each.split(": ")[0] for each in problems(tmp_path, text)] == [
        f"gatewayd.toml:{FIRST - 2}:1",
        f"gatewayd.toml:{FIRST - 1}:1",
        f"gatewayd.toml:{FIRST + 1}:7",
        f"gatewayd.toml:{FIRST + 3}:12",
    ]


def test_keys_that_cannot_be_read_hide_no_others(tmp_path):
    channels = """\
p = { register = "holdin:100", type = "flaot32", unit = "°C" }
q = { register = 40001, type = "float32", unit = "psi" }
r = { register = "holding:3", scale = "x" }
s = { register = "holding:70000" }
"""
    source = SOURCE.replace("tcp://127.0.0.1", "10.0.0.5")
    found = problems(tmp_path, HEAD + source + channels)
    places = [line.removeprefix("gatewayd.toml:").partition(": ")[0] for line in found]
    assert places == [
        f"{FIRST - 2}:1",
        *(f"{FIRST}:{column}" for column in (7, 32, 50)),
        *(f"{FIRST + 1}:{column}" for column in (7, 43)),
        f"{FIRST + 2}:31",
        f"{FIRST + 3}:7",
    ]
    assert "an address that counts from 0, or the base of the source" in found[1]


def test_what_is_wrong_in_a_channels_tables_is_told_at_its_key(tmp_path):
    channels = """\
a = { register = "holding:1", labels = { 0 = "off", x = "on" } }
b = { register = "holding:2", absent = { 65536 = "no sensor" } }
c = { register = 40001 }
"""
    of_tables = [
        f'{FIRST}:53: \'x\' is not a whole number; write {{ "3" = "fault" }}',
        f"{FIRST + 1}:42: uint16 is never 65536; {RAW}",
    ]
    assert told(tmp_path, channels) == [
        *of_tables,
        f'{FIRST + 2}:7: register: expected text such as "holding:100", got 40001; write it in quotes',
    ]
    assert told(tmp_path, channels.replace("40001", '"40001"')) == of_tables


def test_all_that_a_channel_may_say_is_read(tmp_path):
    channels = """\
mode = { register = "40001", labels = { 0 = "off", "3" = "fault" }, write = [0, 3] }
high = { register = "holding:2", bits = [4, 7] }
temp = { register = "holding:3", type = "int16", absent = [32767, "0x8000"], scale = 0.1, unit = "Cel" }
state = { register = "holding:9", type = "string", length = 8, values = { RUN = 1 } }
"""
    source = loaded(tmp_path, HEAD + SOURCE + channels).sources["m"].source
    declared = {each.name: each for each in source.declare()}
    assert declared["mode"].labels == {0: "off", 3: "fault"}
    assert declared["mode"].writable == (0, 3)
    assert declared["state"].labels == {1: "RUN"}
