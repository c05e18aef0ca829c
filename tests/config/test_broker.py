"""The broker's table: where the password is found, and how files are looked up."""

import os
import subprocess

import pytest
from certificates import made_certificates
from config_files import BASE, load, problems, write

FILES = 'url = "mqtts://h"\nca_file = "ca.pem"\ncert_file = "cert.pem"\nkey_file = "key.pem"\n'


def with_mqtt(lines):
    return BASE.replace('url = "mqtt://127.0.0.1"\n', lines)


def tls_files(folder):
    """An authority, a certificate and its key, in files with the names of FILES."""
    made = made_certificates(folder)
    made.certificate.rename(folder / "cert.pem")
    made.key.rename(folder / "key.pem")


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def password(folder):
    text = with_mqtt('url = "mqtt://h"\nusername = "me"\npassword_file = "mqtt.password"\n')
    return load(write(folder, text)).settings.mqtt.password


def test_the_password_is_read_from_beside_the_config_without_its_line_end(tmp_path):
    write(tmp_path, " geheim \r\n", "mqtt.password")
    assert password(tmp_path) == " geheim "


def test_the_credentials_of_systemd_come_first(tmp_path, monkeypatch):
    write(tmp_path, "beside", "mqtt.password")
    write(tmp_path, "credential", "credentials/mqtt.password")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert password(tmp_path) == "credential"


def test_the_password_beside_the_config_serves_where_systemd_has_none(tmp_path, monkeypatch):
    write(tmp_path, "beside", "mqtt.password")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert password(tmp_path) == "beside"


def test_a_password_that_is_not_there_is_a_problem_that_names_the_places(tmp_path, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/cred")
    text = with_mqtt('url = "mqtt://h"\npassword_file = "p"\n')
    (line,) = problems(tmp_path, text)
    assert line.startswith("gatewayd.toml:5:1: the password file cannot be read (No such file or directory): ")
    assert '"/run/cred/p" and "p"' in line.replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "there is no password"),
        (b"\n", "there is no password"),
        (b"\xff\xfe", "there is no text (UTF-8)"),
        (b"\0\1\2", "there are control characters"),
        (b"user\npassword\n", "there is more than one line"),
        (b"x" * 65_536, "there are more bytes than a password can have (65535)"),
    ],
)
def test_a_file_without_a_password_is_a_problem(tmp_path, content, what):
    write(tmp_path, content, "p")
    (line,) = problems(tmp_path, with_mqtt('url = "mqtt://h"\npassword_file = "p"\n'))
    assert line == f'gatewayd.toml:5:1: {what} in "p"; write nothing but the password into it'


@pytest.mark.parametrize("key", ["password_file", "ca_file"])
def test_a_pipe_is_not_waited_for(tmp_path, key):
    os.mkfifo(tmp_path / "pipe")
    (line,) = problems(tmp_path, with_mqtt(f'url = "mqtts://h"\n{key} = "pipe"\n'))
    assert "it is a pipe or a device, not a file" in line


def test_certificates_are_looked_up_beside_the_config_wherever_the_daemon_runs(tmp_path, monkeypatch):
    tls_files(tmp_path)
    path = write(tmp_path, with_mqtt(FILES))
    monkeypatch.chdir(tmp_path)
    for given in (path, path.relative_to(tmp_path)):
        mqtt = load(given).settings.mqtt
        assert (mqtt.ca_file, mqtt.cert_file) == (tmp_path / "ca.pem", tmp_path / "cert.pem")


def test_certificates_that_are_not_there_are_problems(tmp_path):
    assert problems(tmp_path, with_mqtt(FILES)) == [
        f'gatewayd.toml:{line}:1: "{name}" cannot be read (No such file or directory); give the path of a readable file'
        for line, name in ((5, "ca.pem"), (6, "cert.pem"), (7, "key.pem"))
    ]


def test_files_that_have_no_certificates_are_problems(tmp_path):
    for name in ("ca.pem", "cert.pem", "key.pem"):
        write(tmp_path, "x", name).chmod(0o600)
    pem = "give a PEM file: -----BEGIN CERTIFICATE-----"
    assert problems(tmp_path, with_mqtt(FILES)) == [
        f'gatewayd.toml:5:1: there is no certificate in "ca.pem"; {pem}',
        f'gatewayd.toml:6:1: there is no certificate in "cert.pem"; {pem}',
    ]


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("ca.key", 'the key in "key.pem" does not belong to the certificate in "cert.pem"'),
        ("cert.pem", 'there is no private key in "key.pem"'),
        ("locked.key", 'the key in "key.pem" wants a passphrase, and nobody is there to give it'),
    ],
)
def test_a_key_that_is_of_no_use_is_a_problem(tmp_path, key, what):
    tls_files(tmp_path)
    lock = ["openssl", "pkey", "-in", "key.pem", "-out", "locked.key", "-aes128", "-passout", "pass:x"]
    subprocess.run(lock, check=True, cwd=tmp_path, capture_output=True)
    (tmp_path / key).replace(tmp_path / "key.pem") if key != "cert.pem" else write(tmp_path, "x", "key.pem")
    (line,) = problems(tmp_path, with_mqtt(FILES))
    assert line.startswith(f"gatewayd.toml:7:1: {what}; ")


def test_a_certificate_without_its_key_is_a_problem(tmp_path):
    tls_files(tmp_path)
    (line,) = problems(tmp_path, with_mqtt('url = "mqtts://h"\ncert_file = "cert.pem"\n'))
    assert line == ('gatewayd.toml:5:1: there is no private key in "cert.pem"; give it in PEM, here or as key_file')


def test_the_key_may_be_in_the_file_of_the_certificate(tmp_path):
    tls_files(tmp_path)
    write(tmp_path, (tmp_path / "cert.pem").read_bytes() + (tmp_path / "key.pem").read_bytes(), "both.pem")
    assert load(write(tmp_path, with_mqtt('url = "mqtts://h"\ncert_file = "both.pem"\n'))).problems == ()


@pytest.mark.parametrize(
    "url", ["mqtt://h", "mqtts://h:8884", "mqtt://[::1]:1883", "mqtt://10.0.0.1/", "mqtt://büro.example"]
)
def test_addresses_of_brokers_are_accepted(tmp_path, url):
    assert load(write(tmp_path, with_mqtt(f'url = "{url}"\n'))).settings.mqtt.url == url


@pytest.mark.parametrize(
    "url", ["mqtt://a..b", "mqtt://.a", f"mqtt://{'x' * 64}.de", f"mqtts://{'x.' * 140}de", "mqtt://."], ids=str
)
def test_names_that_nobody_can_look_up_are_refused(tmp_path, url):
    (line,) = problems(tmp_path, with_mqtt(f'url = "{url}"\n'))
    assert line.startswith("gatewayd.toml:4:1: ")
    assert "is not the address of a broker" in line


def test_neither_the_password_nor_its_change_shows_in_the_digest(tmp_path):
    digests = []
    for secret in ("one", "two"):
        write(tmp_path, secret, "p")
        digests.append(load(write(tmp_path, with_mqtt('url = "mqtt://h"\npassword_file = "p"\n'))).digest)
    assert digests[0] == digests[1]
