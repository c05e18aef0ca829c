import pytest
from config_files import HEAD, loaded, problems

from gatewayd.config.sources.lines import LineError, Lines
from gatewayd.plugin import Line

BUS = """[sources.{}]
plugin = "modbus"
url = "rtu:/dev/ttyS0"
channels.p = {{ register = "holding:0" }}
{}"""
APART = 'isolation = "process"\n'


def test_a_source_is_polled_in_the_gateways_process_unless_the_config_says_otherwise(tmp_path):
    config = loaded(tmp_path, HEAD + BUS.format("a", APART) + BUS.format("b", APART))
    assert [source.isolated for source in config.sources.values()] == [True, True]
    assert config.sources["a"].interval == 1.0
    assert "isolation" not in config.sources["a"].options
    config = loaded(tmp_path, HEAD + BUS.format("a", "") + BUS.format("b", 'isolation = "none"\n'))
    assert [source.isolated for source in config.sources.values()] == [False, False]


WRONG = {
    "another word": (
        BUS.format("a", 'isolation = "thread"\n'),
        ':9:1: isolation: expected one of "none", "process", got text "thread"',
    ),
    "a word that is nearly right": (
        BUS.format("a", 'isolated = "process"\n'),
        ':9:1: unknown key "isolated" in [sources.a]; did you mean "isolation"?',
    ),
    "two sources of one line of which one is isolated": (
        BUS.format("a", APART) + BUS.format("b", ""),
        (
            ':10:1: b and a share line \'/dev/ttyS0\', but have isolation = "none" and isolation = "process"; '
            "write the same for both"
        ),
    ),
    "the other one": (
        BUS.format("a", "") + BUS.format("b", APART),
        (
            ':13:1: b and a share line \'/dev/ttyS0\', but have isolation = "process" and isolation = "none"; '
            "write the same for both"
        ),
    ),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_an_isolation_is_said(tmp_path, text, problem):
    (found,) = problems(tmp_path, HEAD + text)
    assert found.endswith(problem)


def test_a_line_of_other_names_is_called_by_both():
    lines = Lines()
    lines.shared("pump1", Line("/dev/ttyUSB0", name="/dev/serial/by-id/moxa"), "process")
    with pytest.raises(LineError, match="share line '/dev/ttyUSB0', which calls it '/dev/serial/by-id/moxa', but have"):
        lines.shared("pump2", Line("/dev/ttyUSB0"))
