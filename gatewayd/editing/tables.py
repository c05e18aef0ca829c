"""Tables: what JSON Schema says of a table, with what samples say of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gatewayd.config.keys import Key, keys
from gatewayd.editing.defaults import NONE, defaults
from gatewayd.editing.kinds import Schema, schema_of, words
from gatewayd.editing.notes import Note, Told

DEEPEST = 10
"""How many keys lead to the innermost table that is described."""
_WRITTEN = (str, int, float, bool, list, dict)


class Tables:
    """Makes schemas of tables that are read as records; `notes` are told of their keys, by the paths to these."""

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        self._notes: dict[tuple[str, ...], Note] = {}
        for note in notes:
            known = self._notes.get(note.path)
            if known is None or (note.text and not known.text):
                self._notes[note.path] = note

    def schema(self, kind: Any, path: Sequence[str] = ()) -> Schema:
        """Of one table; unknown keys are wrong in it. Of tables within tables that have no end, some are described."""
        if len(path) > DEEPEST:
            return {"type": "object"}
        usual = defaults(kind)
        known = keys(kind)
        schema: Schema = {
            "type": "object",
            "properties": {name: self._key(key, usual.get(name, NONE), [*path, name]) for name, key in known.items()},
            "additionalProperties": False,
        }
        required = [name for name, key in known.items() if key.required]
        return {**schema, "required": required} if required else schema

    def described(self, schema: Schema, path: Sequence[str]) -> Schema:
        """The same with what is said at this path, if anything is."""
        note = self._note(path)
        return {"description": note.text, **schema} if note is not None and note.text else schema

    def _key(self, key: Key, usual: Any, path: Sequence[str]) -> Schema:
        schema = schema_of(key.shape, self.schema, path)
        note = self._note(path)
        told = [note.text if note is not None else schema.get("description", ""), _expected(key)]
        if any(told):
            schema["description"] = " ".join(filter(None, told))
        if usual is not NONE:
            schema["default"] = usual
        elif note is not None and note.told in (Told.GIVEN, Told.EXAMPLE) and isinstance(note.value, _WRITTEN):
            schema["examples"] = [note.value]
        return schema

    def _note(self, path: Sequence[str]) -> Note | None:
        """What is said at a path, whose names of the integrator's own are `*`."""
        exact = self._notes.get(tuple(path))
        return exact or next((note for known, note in self._notes.items() if _fits(known, path)), None)


def _fits(known: Sequence[str], path: Sequence[str]) -> bool:
    return len(known) == len(path) and all(part in ("*", name) for name, part in zip(known, path, strict=True))


def _expected(key: Key) -> str:
    told = words(key.shape)
    return f"{told[:1].upper()}{told[1:]}." if told else ""
