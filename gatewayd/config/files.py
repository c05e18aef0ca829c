"""Files: where one that the config names is: among the credentials that systemd hands over, or beside the config."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from gatewayd.config.findings import Place
from gatewayd.config.keys import Shape, keys
from gatewayd.config.permissions import check_secret
from gatewayd.config.reader import LISTS, MAPPINGS, record_in
from gatewayd.config.secrecy import is_secret
from gatewayd.config.words import quoted

OF_THE_SERVICE = Path("/run/credentials/gatewayd.service")


def looked_for(name: Path, folder: Path) -> tuple[Path, ...]:
    """The places where a file is looked for, in this order; `folder` is that of the config."""
    credentials = _credentials()
    beside = (folder / name).absolute()
    return (beside,) if credentials is None or name.is_absolute() else (credentials / name, beside)


def located(name: Path, folder: Path) -> Path:
    """Where the file is, or would be."""
    places = looked_for(name, folder)
    return next((place for place in places if place.exists()), places[-1])


def opened(file: Path) -> BinaryIO:
    """Open one to read it. Raises OSError, also for a pipe or a device, which might have us wait for ever."""
    mode = file.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(0, "it is a pipe or a device, not a file")
    return file.open("rb")


def shown(file: Path) -> str:
    """A path as it is, but on one line."""
    return quoted(str(file).encode(errors="replace").decode(), most=4096)


def _credentials() -> Path | None:
    """Where systemd has put ours; those of the service that runs, for root who checks a config in a shell."""
    if given := os.environ.get("CREDENTIALS_DIRECTORY"):
        return Path(given)
    return OF_THE_SERVICE if os.access(OF_THE_SERVICE, os.X_OK) else None


def with_places(options: Mapping[str, Any], kind: Any, folder: Path) -> dict[str, Any]:
    """The options of a plugin's record, with all paths in them as they will be opened."""
    known = keys(kind)
    return {
        name: _placed(value, known[name].shape, folder) if name in known else value for name, value in options.items()
    }


def check_secrets(options: Mapping[str, Any], kind: Any, place: Place) -> None:
    """Note files with keys and passwords that are open to others; `options` have their places."""
    for name, key in keys(kind).items():
        file = options.get(name)
        if key.shape.kind is Path and isinstance(file, str) and is_secret(name):
            check_secret(Path(file), place.at(name))


def _placed(value: Any, shape: Shape, folder: Path) -> Any:
    if isinstance(value, str) and shape.kind is Path:
        return str(located(Path(value), folder)) if value and "\0" not in value and value[0] != "~" else value
    if isinstance(value, dict) and (record := record_in(shape)):
        return with_places(value, record, folder)
    if isinstance(value, dict) and shape.origin in MAPPINGS and shape.inner:
        return {key: _placed(each, shape.inner[1], folder) for key, each in value.items()}
    if isinstance(value, list) and shape.origin in LISTS and shape.inner:
        return [_placed(each, inner, folder) for each, inner in zip(value, _inner(shape), strict=False)]
    return value


def _inner(shape: Shape) -> Iterator[Shape]:
    """The shapes of a list's elements, one after the other."""
    fixed = shape.origin is tuple and shape.inner[-1].kind is not Ellipsis
    if fixed:
        yield from shape.inner
    while True:
        yield shape.inner[0]
