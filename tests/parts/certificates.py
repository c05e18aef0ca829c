"""Certificates for a test: an authority, and a server's certificate that it has signed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path


def made_certificates(folder, host="127.0.0.1", days="2"):
    """Certificates for this address, in the folder."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed")
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority_key, request, names = folder / "ca.key", folder / "server.csr", folder / "names"
    names.write_text(f"subjectAltName=IP:{host}\n")
    _openssl(
        "req", "-x509", *_new_key(authority_key), "-subj", "/CN=test authority", "-days", "2", "-out", made.authority
    )
    _openssl("req", *_new_key(made.key), "-subj", f"/CN={host}", "-out", request)
    _openssl(
        "x509", "-req", "-in", request, "-CA", made.authority, "-CAkey", authority_key, "-CAcreateserial",
        "-extfile", names, "-days", days, "-out", made.certificate,
    )  # fmt: skip
    return made


def _new_key(path):
    return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
