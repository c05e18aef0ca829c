"""How long certificates are valid: as OpenSSL says of the same ones, and what the doctor makes of that."""

import asyncio
import contextlib
import ssl
import time

import pytest
from certificates import made_certificates
from hypothesis import given
from hypothesis import strategies as st
from mosquitto import running_mosquitto

from gatewayd.clock import RELEASED
from gatewayd.doctor import Grade, certificates, examined
from gatewayd.uplink.mqtt.broker import Broker, Tls
from gatewayd.uplink.mqtt.profile import LAN

DAY = 86_400
NOW = RELEASED / 1e9 + DAY


def said(left):
    """Grade and text of a certificate with so many seconds left."""
    (finding,) = certificates.judged(certificates.Facts({"that of b:8883": NOW + left}, NOW))
    assert finding.remedy or finding.grade is Grade.OK
    return str(finding.grade), finding.what


def test_one_that_has_expired_is_a_problem_and_one_that_will_soon_a_warning():
    assert said(400 * DAY) == ("ok", "that of b:8883 is valid until 2027-12-07")
    assert said(30 * DAY) == ("ok", "that of b:8883 is valid until 2026-12-02")
    assert said(30 * DAY - 1) == ("warning", "that of b:8883 expires on 2026-12-01, in 29 days")
    assert said(-1) == ("problem", "that of b:8883 has expired on 2026-11-01")


def test_a_clock_that_is_not_set_is_no_judge():
    assert not list(certificates.judged(certificates.Facts({"ours": 1e9}, 1e6)))


@pytest.mark.parametrize("days", ["-1", "2", "9000", "12000"])
def test_the_end_of_a_certificate_is_what_openssl_says(tmp_path, days):
    """Before 2050 a year is written with two digits, from then on with four."""
    made = made_certificates(tmp_path, days=days)
    pem = made.certificate.read_text()
    says = ssl._ssl._test_decode_cert(str(made.certificate))["notAfter"]
    assert certificates.expiry(ssl.PEM_cert_to_DER_cert(pem)) == ssl.cert_time_to_seconds(says)


@pytest.mark.parametrize("rubbish", [b"", b"\x30", b"\x30\x84", b"\x30\x02\x05\x00", b"rubbish", bytes(100)])
def test_what_is_no_certificate_is_refused(rubbish):
    with pytest.raises(ValueError, match=r"."):
        certificates.expiry(rubbish)


@given(st.binary(max_size=40))
def test_whatever_it_is_nothing_else_is_raised(rubbish):
    with contextlib.suppress(ValueError):
        certificates.expiry(b"\x30" + bytes([len(rubbish)]) + rubbish)


async def test_all_three_are_looked_at_and_of_an_authority_the_one_that_lasts(tmp_path):
    (tmp_path / "old").mkdir()
    made, old = made_certificates(tmp_path), made_certificates(tmp_path / "old", days="-1")
    made.authority.write_text(old.certificate.read_text() + made.authority.read_text())
    async with running_mosquitto(tmp_path, f"certfile {made.certificate}", f"keyfile {made.key}") as mosquitto:
        tls = Tls(made.authority, made.certificate, made.key)
        broker = Broker(host="127.0.0.1", port=mosquitto.port, client_id="g", profile=LAN, tls=tls)
        facts = await asyncio.to_thread(certificates.look, broker)
    assert [name.split(",")[0] for name in facts.until] == ["ours", "that of the authority", f"that of {broker}"]
    assert all(DAY < until - time.time() <= 2 * DAY for until in facts.until.values())


def test_of_ours_the_one_that_ends_first_counts_and_what_is_none_hides_no_other(tmp_path):
    (tmp_path / "old").mkdir()
    made, old = made_certificates(tmp_path), made_certificates(tmp_path / "old", days="-1")
    chain = tmp_path / "chain.pem"

    def looked():
        tls = Tls(made.authority, chain, made.key)
        return certificates.look(Broker(host="127.0.0.1", port=9, client_id="g", profile=LAN, tls=tls)).until

    chain.write_text(made.certificate.read_text() + old.certificate.read_text())
    assert looked()[f"ours, {chain},"] < time.time()
    chain.write_text("none")
    assert [name.split(",")[0] for name in looked()] == ["that of the authority"]


def test_the_doctor_tells_of_them(tmp_path):
    made = made_certificates(tmp_path)
    text = (
        f'[gateway]\nid = "g"\nstate_dir = "state"\n[mqtt]\nurl = "mqtts://127.0.0.1:9"\nca_file = "{made.authority}"\n'
    )
    (tmp_path / "g.toml").write_text(text + '[sources.p]\nplugin = "simulator"\n')
    (told,) = [each for each in examined(tmp_path / "g.toml") if each.check == "certificate"]
    assert (told.grade, told.what.startswith(f"that of the authority, {made.authority}, expires on")) == (
        "warning",
        True,
    )


def test_a_broker_that_is_not_there_has_none_and_without_tls_there_is_nothing_to_look_at(tmp_path):
    made = made_certificates(tmp_path)
    broker = Broker(host="127.0.0.1", port=9, client_id="g", profile=LAN, tls=Tls(made.authority))
    assert len(certificates.look(broker).until) == 1
    assert not certificates.look(Broker(host="127.0.0.1", port=9, client_id="g", profile=LAN)).until
