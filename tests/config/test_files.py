"""Files that a config names: they are beside it, or systemd hands them over as credentials."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from certificates import made_certificates
from config_files import BASE, HEAD, load, problems, write

from gatewayd.config.files import with_places
from gatewayd.plugin import Source

TAG = """\
[sources.tag]
plugin = "ble"
address = "AA:BB:CC:DD:EE:01"
format = "bthome"
channels = ["temperature"]
"""
KEY = 'key_file = "tag.key"\n'


@pytest.fixture
def credentials(tmp_path, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    return tmp_path / "credentials"


def secret(folder, name, text="secret"):
    path = write(folder, text, name)
    path.chmod(0o600)
    return path


def tag(folder, more=KEY):
    return load(write(folder, HEAD + TAG + more)).sources["tag"]


def test_files_of_a_plugin_are_beside_the_config(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    source = tag(tmp_path)
    assert source.source.key_file == tmp_path / "tag.key"
    assert source.options["key_file"] == str(tmp_path / "tag.key")


def test_a_credential_comes_first(tmp_path, credentials):
    secret(tmp_path, "tag.key")
    assert tag(tmp_path).source.key_file == tmp_path / "tag.key"
    secret(credentials, "tag.key")
    assert tag(tmp_path).source.key_file == credentials / "tag.key"


def test_who_checks_in_a_shell_finds_the_credentials_of_the_service(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr("gatewayd.config.files.OF_THE_SERVICE", tmp_path / "run")
    assert tag(tmp_path).source.key_file == tmp_path / "tag.key"
    secret(tmp_path / "run", "tag.key")
    assert tag(tmp_path).source.key_file == tmp_path / "run" / "tag.key"


def test_a_whole_path_is_nowhere_else(tmp_path, credentials):
    secret(credentials, "tag.key")
    assert tag(tmp_path, 'key_file = "/etc/tag.key"\n').source.key_file == Path("/etc/tag.key")


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_the_certificates_of_the_broker_may_be_credentials(tmp_path, credentials, key):
    made = made_certificates(tmp_path)
    for name, file in {"ca_file": made.authority, "cert_file": made.certificate, "key_file": made.key}.items():
        secret(credentials if name == key else tmp_path, name, file.read_bytes())
    text = BASE.replace("mqtt://127.0.0.1", "mqtts://127.0.0.1")
    text = text.replace("[sources", 'ca_file = "ca_file"\ncert_file = "cert_file"\nkey_file = "key_file"\n[sources', 1)
    mqtt = load(write(tmp_path, text)).settings.mqtt
    assert getattr(mqtt, key) == credentials / key
    assert {getattr(mqtt, each).parent for each in ("ca_file", "cert_file", "key_file")} == {tmp_path, credentials}


def test_a_key_that_anybody_may_read_is_told_and_one_that_anybody_may_write_is_refused(tmp_path):
    key = write(tmp_path, "secret", "tag.key")
    key.chmod(0o604)
    config = load(write(tmp_path, HEAD + TAG + KEY))
    assert [str(each).partition(": ")[2] for each in config.problems] == [
        f"anybody may read {key}, which is a secret; chmod o= {key}"
    ]
    key.chmod(0o606)
    assert "anybody may write tag.key, which is a secret" in str(problems(tmp_path, HEAD + TAG + KEY))


def test_what_is_no_path_is_told_as_before(tmp_path):
    found = problems(tmp_path, HEAD + TAG + 'key_file = ""\n')
    assert 'key_file: expected a path, got text ""' in str(found)


@dataclass
class Inner:
    file: Path


@dataclass
class Deep(Source):
    files: list[Path] = field(default_factory=list)
    named: dict[str, Path] = field(default_factory=dict)
    inner: Inner | None = None
    many: dict[str, Inner] = field(default_factory=dict)
    pair: tuple[str, Path] | None = None
    text: str = ""


def test_paths_are_found_wherever_they_are_in_the_options():
    options = {
        "files": ["a", "/b"],
        "named": {"x": "c"},
        "inner": {"file": "d", "unknown": "e"},
        "many": {"y": {"file": "f"}},
        "pair": ["g", "h"],
        "text": "i",
        "unknown": "j",
    }
    assert with_places(options, Deep, Path("/etc")) == {
        "files": ["/etc/a", "/b"],
        "named": {"x": "/etc/c"},
        "inner": {"file": "/etc/d", "unknown": "e"},
        "many": {"y": {"file": "/etc/f"}},
        "pair": ["g", "/etc/h"],
        "text": "i",
        "unknown": "j",
    }
