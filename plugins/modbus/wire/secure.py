"""Security: how a device on Modbus/TCP Security (TLS) is known, and how it knows us."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatewayd.plugin import OptionError, SourceError

FILES = ("ca_file", "cert_file", "key_file")
KEYS = (*FILES, "server_name")
_RIGHT = {
    "ca_file": "give a PEM file with one certificate or more",
    "cert_file": "give a PEM file with our certificate, and its unencrypted key there too or as key_file",
    "key_file": "give a PEM file with the key of our certificate, unencrypted",
}
DOUBT = "; is this a port of TLS?"
NOT_YET_OR_NO_LONGER = {9, 10}
"""OpenSSL's codes of a certificate that is not valid at this time."""
ANOTHER_NAME = {62, 64}
"""Of one that is for another host or address."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The device's certificate must be signed by `ca_file` (PEM; the system's authorities without it).

    It must also be for `server_name`, which is the host of the url unless it is given; empty: its name does not matter,
    which is only right where `ca_file` is the device's own. Ours, if the device wants one, is `cert_file`.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None

    @property
    def terms(self) -> str:
        """What all who share a connection must agree on."""
        given = [f"{key}={str(value)!r}" for key in KEYS if (value := getattr(self, key)) is not None]
        return " ".join(["tls", *given])

    def context(self) -> ssl.SSLContext:
        """What to shake hands with, read anew: certificates are renewed while gatewayd runs. Raises SourceError."""
        try:
            context = self._trusting()
            self._identify(context)
        except OSError as error:
            files = ", ".join(str(file) for key in FILES if (file := getattr(self, key)) is not None)
            raise SourceError(f"TLS: cannot use {files}: {_plainly(error)}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # the least that Modbus/TCP Security allows
        context.check_hostname = self.server_name != ""
        return context

    def check(self) -> None:
        """Raise OptionError for a file that cannot be what it is given for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        key_of = "cert_file" if self.key_file is None else "key_file"
        uses: Sequence[tuple[str, Callable[[], object]]] = (
            ("ca_file", self._trusting),
            ("cert_file", lambda: context.load_verify_locations(self.cert_file)),
            (key_of, lambda: self._identify(context)),
        )
        for key, use in uses:
            file = getattr(self, key)
            try:
                if file is not None:
                    use()
            except OSError as error:
                what = f"{str(file)!r} cannot be used ({_plainly(error)})"
                raise OptionError([key], what, _RIGHT[key]) from None

    def _trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def _identify(self, context: ssl.SSLContext) -> None:
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file, password="")  # never ask a terminal


def tls(given: Tls, *, secure: bool) -> Tls | None:
    """What a source's options say of TLS, None where its url is none of it (`secure`). Raises OptionError."""
    if not secure:
        for key in KEYS:
            if getattr(given, key) is not None:
                raise OptionError([key], f"{key} has no use without TLS", 'let url begin with "tls://"')
        return None
    if given.key_file is not None and given.cert_file is None:
        raise OptionError(["key_file"], "key_file has no use without cert_file", "add cert_file")
    if given.server_name == "" and given.ca_file is None:
        what = "without a name anyone with a certificate could be the device"
        raise OptionError(["server_name"], what, "give the device's own certificate as ca_file")
    for key in FILES:
        _check_readable(getattr(given, key), [key])
    given.check()
    return given


def in_words(error: ssl.SSLError) -> str:
    """Why a handshake failed, and what to look at."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"no TLS handshake: {_plainly(error)}{DOUBT}"
    if error.verify_code in NOT_YET_OR_NO_LONGER:
        fix = "check the clock of this machine, and the certificate's dates"
    elif error.verify_code in ANOTHER_NAME:
        fix = "set server_name to the name in the certificate"
    else:
        fix = "check ca_file"
    return f"the device's certificate is not accepted: {error.verify_message}; {fix}"


def _plainly(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return os.strerror(error.errno) if error.errno else str(error)


def _check_readable(file: Path | None, path: Sequence[str]) -> None:
    if file is None:
        return
    fix = "give a PEM file that gatewayd may read, beside the config or by its whole path"
    if file.is_fifo():  # to open it is to wait
        raise OptionError(path, f"{str(file)!r} cannot be read (it is a pipe)", fix)
    try:
        file.open("rb").close()
    except OSError as error:
        what = f"{str(file)!r} cannot be read ({os.strerror(error.errno or 0)})"
        raise OptionError(path, what, fix) from None
