"""Remembering: names that take long to find out, kept in the user's cache until a file of the config changes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gatewayd import __version__


def remembered(files: Sequence[Path], find: Callable[[], list[str]]) -> list[str]:
    """The names that were found when the files were as they are now, else those that are found. Raises OSError."""
    state = [__version__, *([str(path), stat.st_mtime_ns, stat.st_size] for path in files for stat in (path.stat(),))]
    place = _cache() / "channels.json"
    with suppress(OSError, ValueError, TypeError, KeyError):  # there is none, or it is none of ours
        kept = json.loads(place.read_text(encoding="utf-8"))
        if kept["of"] == state:
            return [str(name) for name in kept["names"]]
    names = find()
    _keep(place, {"of": state, "names": names})
    return names


def _keep(place: Path, content: dict[str, Any]) -> None:
    """As a whole, as another shell may read it just now; where that cannot be it is found out again."""
    fresh = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(content), encoding="utf-8")
        fresh.replace(place)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gatewayd"
