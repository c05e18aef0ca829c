"""The broker's table: its address is checked, its password and certificates are looked up."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from gatewayd.config.certificates import check_certificates
from gatewayd.config.files import located, looked_for, opened, shown
from gatewayd.config.findings import Place
from gatewayd.config.permissions import check_secret
from gatewayd.config.reader import read_table
from gatewayd.config.settings import Mqtt, MqttTable
from gatewayd.config.words import quoted

EXAMPLES = '"mqtt://broker.example.com" or "mqtts://broker.example.com:8883"'
TLS_FILES = ("ca_file", "cert_file", "key_file")
LONGEST_HOST = 253
"""Bytes: what DNS allows."""
LONGEST_PASSWORD = 65_535
"""Bytes: what MQTT allows."""


def read_broker(table: dict[str, Any], folder: Path, place: Place, *, offline: bool = False) -> Mqtt | None:
    """The table `[mqtt]` with its password and its files, which are looked for beside the config (in `folder`).

    `offline`, where nothing is sent, they need not be there.
    """
    if "password" in table:
        fix = 'write it into a file that only gatewayd can read, and name that: password_file = "mqtt.password"'
        place.at("password").wrong("the password does not belong in the config", fix)
    written = {key: value for key, value in table.items() if key != "password"}
    mqtt = read_table(written, MqttTable, place, {"url": ""}).record
    return None if mqtt is None else _resolved(mqtt, folder, place, offline=offline)


def _resolved(mqtt: MqttTable, folder: Path, place: Place, *, offline: bool) -> Mqtt:
    if mqtt.url:
        _check_url(mqtt, place)
    if mqtt.key_file is not None and mqtt.cert_file is None:
        place.at("key_file").wrong("key_file has no use without cert_file", "add cert_file")
    named = {key: file for key in TLS_FILES if (file := getattr(mqtt, key)) is not None}
    files = {key: located(file, folder) for key, file in named.items()}
    password = None
    if not offline:
        if not mqtt.url.lower().startswith("mqtt:"):
            check_certificates(files, place)
        if "key_file" in files and mqtt.cert_file is not None:
            check_secret(files["key_file"], place.at("key_file"))
    if not offline and mqtt.password_file is not None:
        password = _password(mqtt.password_file, folder, place.at("password_file"))
    return Mqtt(**{**msgspec.structs.asdict(mqtt), **files, "password": password})


def _check_url(mqtt: MqttTable, place: Place) -> None:
    at_url = place.at("url")
    try:
        url = urlsplit(mqtt.url)
        port = url.port
    except ValueError as error:
        at_url.wrong(f"url is not an address ({error})", f"write {EXAMPLES}")
        return
    strange = " " in mqtt.url or not mqtt.url.isprintable()
    if url.username is not None or url.password is not None:
        fix = "write username and password_file below it"
        at_url.wrong("the user name and the password do not belong in the address", fix)
    elif url.scheme not in {"mqtt", "mqtts"} or not _possible(url.hostname) or port == 0 or strange:
        at_url.wrong(f"{quoted(mqtt.url)} is not the address of a broker", f"write {EXAMPLES}")
    elif url.path not in {"", "/"} or url.query or url.fragment:
        at_url.wrong(f"{quoted(mqtt.url)} has more than a host and a port", f"write {EXAMPLES}")
    elif url.scheme == "mqtt":
        for key in TLS_FILES:
            if getattr(mqtt, key) is not None:
                place.at(key).wrong(f"{key} has no use without TLS", 'let url begin with "mqtts://"')


def _possible(host: str | None) -> bool:
    """Whether a host can be looked up at all: parts of 1 to 63 bytes, 253 in all."""
    try:
        return host is not None and 0 < len(host.encode("idna")) <= LONGEST_HOST
    except UnicodeError:
        return False


def _password(name: Path, folder: Path, place: Place) -> str | None:
    """What is in the file."""
    places = looked_for(name, folder)
    file = located(name, folder)
    try:
        with opened(file) as stream:
            content = stream.read(LONGEST_PASSWORD + 1)
    except OSError as error:
        looked = " and ".join(shown(each) for each in places)
        fix = "write the password into it, readable for the user that gatewayd runs as"
        place.wrong(f"the password file cannot be read ({error.strerror}): {looked}", fix)
        return None
    password, wrong = _decoded(content)
    if wrong:
        place.wrong(f"{wrong} in {shown(file)}", "write nothing but the password into it")
        return None
    check_secret(file, place)
    return password


def _decoded(content: bytes) -> tuple[str, str]:
    """The password of a file, and what is wrong with it."""
    if len(content) > LONGEST_PASSWORD:
        return "", f"there are more bytes than a password can have ({LONGEST_PASSWORD})"
    try:
        password = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return "", "there is no text (UTF-8)"
    if not password:
        return "", "there is no password"
    if "\n" in password or "\r" in password:
        return "", "there is more than one line"
    if not password.replace("\t", "").isprintable():
        return "", "there are control characters"
    return password, ""
