"""Where the gateway itself may listen."""

import pytest
from config_files import BASE, FIRST, loaded, problems


def test_nothing_listens_by_default(tmp_path):
    assert loaded(tmp_path, BASE).settings.metrics.address is None


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:9180", ("127.0.0.1", 9180)), ("[::1]:1", ("::1", 1)), ("0.0.0.0:65535", ("0.0.0.0", 65535))],
)
def test_an_address_and_a_port_are_given(tmp_path, text, address):
    assert loaded(tmp_path, f'{BASE}[metrics]\nlisten = "{text}"\n').settings.metrics.address == address


WRONG = ("", "9180", ":9180", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "localhost:9180", "::1:9180", "[::1]:x")


@pytest.mark.parametrize("text", [*WRONG, "1.2.3:80", "http://127.0.0.1:9180"])
def test_anything_else_is_refused_with_what_would_be_right(tmp_path, text):
    (told,) = problems(tmp_path, f'{BASE}[metrics]\nlisten = "{text}"\n')
    assert told.startswith(
        f"gatewayd.toml:{FIRST + 1}:1: listen: expected an address of this machine and a port, such as"
    )
