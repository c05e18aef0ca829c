"""The forms of all that gatewayd keeps on disk, as text: what a change of them would make unreadable is seen at once.

    python tests/parts/stored_forms.py > tests/versions/stored_forms.txt

after a field with a default was appended, or a module got another name. Any other change needs a new version, and a
step that brings old files to it (gatewayd/uplink/outbox/migrations.py).
"""

import dataclasses
import enum
import inspect
import sys
import typing

import msgspec

from gatewayd.engine.alarms import floods, rule, shelves
from gatewayd.engine.deriving import assets, forecasts, maintenance, totals
from gatewayd.engine.sensors import checked, mounts
from gatewayd.models.learner import Learned
from gatewayd.models.versions import Chosen
from gatewayd.recorder import entries
from gatewayd.records import AnyRecord, Verdict

RECORDS = typing.get_args(AnyRecord)
STATE = (
    *(Chosen, Learned, Verdict, rule.Memory, shelves.Shelf, floods.Counted, floods.Lasts),
    *(maintenance.Kept, totals.Kept, assets.Kept, forecasts.Kept, checked.Kept, mounts.Usual),
)
RECORDING = typing.get_args(entries.Stored)


def described():
    """A paragraph for each form: its name, how it is written, its fields with their types."""
    found = {}
    for kind in (*RECORDS, *STATE, *RECORDING):
        _collect(kind, found)
    return "\n\n".join(text for _, text in sorted(found.items())) + "\n"


def _collect(kind, found):
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name in found:
        return
    if issubclass(kind, enum.Enum):
        found[name] = f"{name} is one of {', '.join(repr(each.value) for each in kind)}"
        return
    hints = typing.get_type_hints(kind)
    fields = [f"    {field}: {_text(hints[field])}{default}" for field, default in _fields(kind)]
    found[name] = "\n".join([f"{name} {_way(kind)}".rstrip(), *fields])
    for each in hints.values():
        for part in _parts(each):
            _collect(part, found)


def _fields(kind):
    if dataclasses.is_dataclass(kind):
        return [(each.name, "") for each in dataclasses.fields(kind)]
    return [(each.name, "" if each.required else " = its default") for each in msgspec.structs.fields(kind)]


def _way(kind):
    config = getattr(kind, "__struct_config__", None)
    if config is None:
        return ""
    tag = f" {config.tag_field}={config.tag!r}" if config.tag is not None else ""
    return ("list" if config.array_like else "map") + tag


def _parts(hint):
    """The forms within a type."""
    if inspect.isclass(hint) and (issubclass(hint, msgspec.Struct | enum.Enum) or dataclasses.is_dataclass(hint)):
        yield hint
    for each in typing.get_args(hint):
        yield from _parts(each)


def _text(hint):
    return hint.__qualname__ if inspect.isclass(hint) and not typing.get_args(hint) else str(hint)


if __name__ == "__main__":
    sys.stdout.write(described())
