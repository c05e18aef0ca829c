"""Atheris on one of the targets in tests/campaign/fuzz: each writes its seeds to a folder, then is given inputs."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = Path(__file__).parent
TARGETS = PARTS.parent / "campaign" / "fuzz"
needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed (extra fuzz)"
)


def fuzzed(name, runs, longest, folder):
    """Try so many inputs of up to `longest` bytes; gives how many were tried, and how many branches were reached."""
    corpus = folder / "corpus"
    corpus.mkdir()
    target = [sys.executable, str(TARGETS / name)]
    environment = os.environ | {"PYTHONPATH": str(PARTS)}
    subprocess.run([*target, "seeds", str(corpus)], env=environment, check=True)
    options = [f"-runs={runs}", f"-max_len={longest}", "-timeout=20", str(corpus)]
    said = {"capture_output": True, "text": True}
    ended = subprocess.run([*target, *options], env=environment, cwd=folder, check=False, **said)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    tried, branches = re.findall(r"#(\d+)\s.*?cov: (\d+)", ended.stderr)[-1]
    return int(tried), int(branches)
