"""Where the gateway itself may listen."""

import pytest
from config_files import BASE, FIRST, load, loaded, problems, write


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


@pytest.mark.parametrize(("given", "host"), [("192.0.2.1:9180", "192.0.2.1"), ("[2001:db8::1]:9180", "2001:db8::1")])
def test_an_address_that_this_machine_does_not_have_is_told(tmp_path, given, host):
    path = write(tmp_path, BASE + f'[metrics]\nlisten = "{given}"\n')
    (told,) = load(path).problems
    assert not told.fatal
    assert str(told).endswith(
        f':8:1: this machine has no address {host}; give one of its own, or "0.0.0.0" for all of them'
    )
    assert load(path, offline=True).problems == ()
