"""TLS: the broker's certificate is verified and our own shown. There is no setting by which that could be left out."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatewayd.errors import GatewaydError
from gatewayd.uplink.mqtt.broker import Broker, Tls

NOT_YET_VALID, NOT_VALID_ANY_MORE, OTHER_HOST, OTHER_ADDRESS = 9, 10, 62, 64
"""What OpenSSL calls X509_V_ERR_CERT_NOT_YET_VALID, and so on."""


class ConnectFailedError(GatewaydError):
    """The broker cannot be reached, or does not let us in; the text says why, and behind "; " what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}; {remedy}")


class UnansweredError(ConnectFailedError):
    """The broker is there, but what comes after that was waited for long enough."""


class _PassphraseWantedError(Exception):
    """OpenSSL would ask whoever sits at the terminal."""


def context_of(tls: Tls) -> ssl.SSLContext:
    """What TLS is spoken with: 1.2 or newer, with a verified certificate of the host that the url names.

    It is made anew for each connection: certificates are renewed while the gateway runs. Raises ConnectFailedError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, as the one of `create_default_context` does
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.ca_file is None:
        context.load_default_certs()
    else:
        with _used(tls.ca_file):
            context.load_verify_locations(tls.ca_file)
    if tls.cert_file is not None:
        with _used(tls.cert_file, *filter(None, [tls.key_file])):
            context.load_cert_chain(tls.cert_file, tls.key_file, password=_nobody_answers)
    return context


@contextmanager
def _used(*files: Path) -> Iterator[None]:
    """Raises ConnectFailedError with the names of those that are to blame, of which the last may have the key."""
    try:
        yield
    except _PassphraseWantedError:
        why = f"TLS: {files[-1]} wants a passphrase, and nobody is there to give it"
        raise ConnectFailedError(why, "give a key without (openssl pkey)") from None
    except OSError as error:
        missing = [file for file in files if isinstance(error, FileNotFoundError) and not file.exists()]
        named, why = ", ".join(map(str, missing or files)), error.strerror or str(error)
        if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            why = "the key does not belong to the certificate"
        what = f"TLS: cannot use {named}: {why}"
        raise ConnectFailedError(what, "check ca_file, cert_file and key_file in [mqtt]") from None


def _nobody_answers() -> str:
    raise _PassphraseWantedError


def secured(plain: socket.socket, broker: Broker, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Shake hands; a port without TLS hangs up at what it gets, or waits for more of it. Raises ConnectFailedError."""
    try:
        return context.wrap_socket(plain, server_hostname=broker.host)
    except ssl.SSLCertVerificationError as error:
        why = f"TLS: the certificate of {broker} is not accepted: {error.verify_message}"
        raise ConnectFailedError(why, _remedy(error)) from None
    except OSError as error:
        if ours := unaccepted(error, broker):
            raise ConnectFailedError(*ours) from None
        why = f"TLS: no handshake with {broker}: {_cause(error, broker)}"
        kind = UnansweredError if isinstance(error, TimeoutError) else ConnectFailedError
        raise kind(why, "is this its TLS port?") from None


def unaccepted(error: BaseException | None, broker: Broker) -> tuple[str, str] | None:
    """What a broker has against our own certificate, and what to do; None if the error says nothing of that.

    With TLS 1.3 it comes after the handshake, when we have begun to talk already.
    """
    if not isinstance(error, ssl.SSLError):
        return None
    match str(getattr(error, "reason", "")).partition("_ALERT_")[2]:
        case "CERTIFICATE_REQUIRED":
            return f"TLS: {broker} wants a certificate of ours", "set cert_file and key_file in [mqtt]"
        case "CERTIFICATE_EXPIRED":
            what, remedy = ": it has expired", "renew cert_file in [mqtt], or check the clock of the broker"
        case "CERTIFICATE_REVOKED":
            what, remedy = ": it is revoked", "renew cert_file in [mqtt]"
        case "UNKNOWN_CA":
            what, remedy = ": it does not know who has signed it", "check cert_file in [mqtt]"
        case "BAD_CERTIFICATE" | "UNSUPPORTED_CERTIFICATE" | "CERTIFICATE_UNKNOWN":
            what, remedy = "", "check cert_file in [mqtt]; the broker's log may say more"
        case _:
            return None
    return f"TLS: {broker} does not accept our certificate{what}", remedy


def _remedy(error: ssl.SSLCertVerificationError) -> str:
    match error.verify_code:
        case code if code in {NOT_YET_VALID, NOT_VALID_ANY_MORE}:
            return "check the clock of this machine, and the certificate's dates"
        case code if code in {OTHER_HOST, OTHER_ADDRESS}:
            return "url must name the broker as its certificate does"
        case _:
            return "check ca_file"


def _cause(error: OSError, broker: Broker) -> str:
    match error:
        case ssl.SSLError(reason="TLSV1_ALERT_PROTOCOL_VERSION" | "UNSUPPORTED_PROTOCOL"):
            return "it speaks no TLS that is safe (1.2 or newer)"
        case ssl.SSLError():
            return error.reason or str(error)
        case TimeoutError():
            return f"no answer within {broker.profile.address_limit:g} s"
        case _:
            return error.strerror or str(error)
