import pytest

from gatewayd.config.sources.lines import LineError, Lines
from gatewayd.plugin import Line


def test_sources_that_ask_for_lines_of_one_key_get_the_first_one():
    lines, first = Lines(), Line("rtu:/dev/ttyUSB0", "19200 8E1")
    assert lines.shared("pump1", first) is first
    assert lines.shared("pump2", Line("rtu:/dev/ttyUSB0", "19200 8E1")) is first


def test_lines_of_other_keys_or_kinds_are_lines_of_their_own():
    class Radio(Line):
        pass

    lines, first = Lines(), Line("0")
    lines.shared("pump1", first)
    for line in (Line("1"), Radio("0", "other terms")):
        assert lines.shared("pump2", line) is line


def test_an_error_calls_a_line_as_its_source_does():
    lines = Lines()
    lines.shared("pump1", Line("/dev/ttyUSB0", "19200", "/dev/serial/by-id/moxa"))
    said = "'/dev/serial/by-path/1' is '9600' for pump2, but '19200' for pump1, which calls it '/dev/serial/by-id/moxa'"
    with pytest.raises(LineError, match=said):
        lines.shared("pump2", Line("/dev/ttyUSB0", "9600", "/dev/serial/by-path/1"))


def test_lines_of_one_key_with_other_terms_are_an_error_that_names_both():
    lines = Lines()
    lines.shared("pump1", Line("rtu:/dev/ttyUSB0", "19200 8E1"))
    with pytest.raises(LineError) as error:
        lines.shared("pump2", Line("rtu:/dev/ttyUSB0", "9600 8N1"))
    assert str(error.value) == (
        "line 'rtu:/dev/ttyUSB0' is '9600 8N1' for pump2, but '19200 8E1' for pump1; set it alike for both"
    )
