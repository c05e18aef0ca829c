"""Lines that are asked for more time than they have: what an integrator reads about them, word for word."""

import fake_plugins
import pytest
from config_files import FIRST, HEAD, loaded, problems

LOGGER = """
from dataclasses import dataclass

from gatewayd.plugin import Channel, Effort, Line, Poll, Source, hookimpl


@dataclass
class Logger(Source):
    takes: float
    bus: str = ""
    fast: float = 0.0
    odd: str = ""

    def declare(self):
        return [Channel("level"), *([Channel("fast")] if self.fast else [])]

    def polls(self, interval):
        return [Poll(interval, ("level",)), *([Poll(self.fast, ("fast",))] if self.fast else [])]

    def effort(self, poll):
        efforts = {"": Effort("read", self.takes), "nan": Effort("read", float("nan")), "text": "read"}
        return [efforts[self.odd]]

    def line(self):
        return Line(self.bus) if self.bus else None


@hookimpl
def register_sources(register):
    register("logger", Logger)
"""


@pytest.fixture(autouse=True)
def logger(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path, "logger", LOGGER)


def source(name, takes, interval="1s", bus="ttyS0", more=""):
    host = f'[sources.{name}]\nplugin = "logger"\ninterval = "{interval}"\n'
    return host + (f'bus = "{bus}"\n' if bus else "") + f"takes = {takes}\n{more}"


def test_a_line_with_time_for_everything_is_all_right(tmp_path):
    text = HEAD + source("a", 0.4) + source("b", 0.6) + source("c", 9.0, "1s", bus="other").replace("9.0", "0.9")
    config = loaded(tmp_path, text)
    assert [each.planned for each in config.sources.values()] == [(0.4,), (0.6,), (0.9,)]


def test_the_greediest_of_a_full_line_is_told_how_it_would_fit(tmp_path):
    text = HEAD + source("a", 0.3) + source("b", 0.9) + source("c", 0.1, "10s")
    (said,) = problems(tmp_path, text)
    assert said == (
        f"gatewayd.toml:{FIRST + 5}:1: line 'ttyS0' would be busy for 121 % of the time: b 90 %, a 30 %, c 1 %; "
        '"b" takes 0.9 s of every 1 s; give it interval = "1.6s", or read less'
    )


def test_when_no_source_stands_out_all_of_them_must_come_more_seldom(tmp_path):
    text = HEAD + "".join(source(f"d{number}", 0.2) for number in range(7))
    (said,) = problems(tmp_path, text)
    assert said.endswith(
        "would be busy for 140 % of the time: d0 20 %, d1 20 %, d2 20 %, d3 20 %, 3 others 60 %; "
        '"d0" takes 0.2 s of every 1 s; poll all of them 1.6 times as seldom, or read less'
    )


def test_a_source_that_asks_for_too_much_of_its_own_line_is_told_so(tmp_path):
    (said,) = problems(tmp_path, HEAD + source("a", 3.0, bus=""))
    assert "its line would be busy for 300 % of the time: a 300 %" in said
    assert said.endswith('give it interval = "3.4s", or read less')


def test_a_poll_at_an_interval_of_its_own_is_pointed_at(tmp_path):
    text = HEAD + source("a", 0.2, more="fast = 0.1\n")
    (said,) = problems(tmp_path, text)
    assert "would be busy for 220 % of the time: a 220 %" in said
    assert 'takes 0.2 s of every 0.1 s; give it interval = "290ms"' in said


@pytest.mark.parametrize("odd", ["nan", "text"])
def test_a_plugin_that_gives_nonsense_as_its_effort_is_named(tmp_path, odd):
    (said, *_) = problems(tmp_path, HEAD + source("a", 0.2, more=f'odd = "{odd}"\n'))
    assert "which is not an Effort of finite seconds" in said
