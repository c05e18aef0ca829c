"""Packages of plugins, as pip would install them: built to wheels, which are unpacked to a folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

BUILD = """
import os, sys
from setuptools.build_meta import build_wheel
site, *projects = sys.argv[1:]
for project in projects:
    os.chdir(project)
    build_wheel(site)
"""


def install(site, environment, *projects):
    """Build projects (copies: building leaves files in them) to wheels, and unpack those to the folder `site`."""
    command = [sys.executable, "-c", BUILD, site, *projects]
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    for wheel in Path(site).glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(site)
        wheel.unlink()


def environment(config, site=None):
    """What Python needs to know in a process of its own: where packages are, and where it keeps what it has compiled.

    To compile takes it longer than most tests.
    """
    others = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    path = filter(None, [site and str(site), os.environ.get("PYTHONPATH", "")])
    cache = getattr(config, "cache", None)  # none with -p no:cacheprovider
    compiled = {"PYTHONPYCACHEPREFIX": str(cache.mkdir("compiled"))} if cache else {}
    return {**others, **compiled, "PYTHONPATH": os.pathsep.join(path), "PYTHONSAFEPATH": "1"}
