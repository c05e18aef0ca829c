"""Certificates: whether the files of `[mqtt]` are what TLS wants, as OpenSSL sees them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from gatewayd.config.files import opened, shown
from gatewayd.config.findings import Place


class _PassphraseWantedError(Exception):
    """OpenSSL would ask whoever sits at the terminal."""


def check_certificates(files: Mapping[str, Path], place: Place) -> None:
    """Note which of `ca_file`, `cert_file` and `key_file` TLS could not be spoken with."""
    right = {key for key, file in files.items() if _is_right(key, file, place.at(key))}
    key = "key_file" if "key_file" in files else "cert_file"
    if {"cert_file", key} <= right:
        _check_key(files["cert_file"], files[key], place.at(key))


def _is_right(key: str, file: Path, place: Place) -> bool:
    """Whether it is there, and has a certificate if it should."""
    return _is_readable(file, place) and (key == "key_file" or _has_certificate(file, place))


def _is_readable(file: Path, place: Place) -> bool:
    try:
        opened(file).close()
    except OSError as error:
        place.wrong(f"{shown(file)} cannot be read ({error.strerror})", "give the path of a readable file")
        return False
    return True


def _has_certificate(file: Path, place: Place) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError:
        place.wrong(f"there is no certificate in {shown(file)}", "give a PEM file: -----BEGIN CERTIFICATE-----")
        return False
    return True


def _check_key(certificate: Path, key: Path, place: Place) -> None:
    """`key` may be the file of the certificate itself."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password=_nobody_answers)
    except _PassphraseWantedError:
        what = f"the key in {shown(key)} wants a passphrase, and nobody is there to give it"
        place.wrong(what, "give a key without (openssl pkey)")
    except OSError as error:
        if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            what = f"the key in {shown(key)} does not belong to the certificate in {shown(certificate)}"
            place.wrong(what, "give the key that the certificate was made with")
        else:
            place.wrong(f"there is no private key in {shown(key)}", "give it in PEM, here or as key_file")


def _nobody_answers() -> str:
    raise _PassphraseWantedError
