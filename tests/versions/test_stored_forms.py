"""What is on the disks of gateways out there can be read: its forms are those that were written down."""

from pathlib import Path

import msgspec
import pytest
import stored_forms

WRITTEN = Path(__file__).with_name("stored_forms.txt")


def test_no_form_on_disk_changes_unnoticed():
    """A field appended with a default: run tests/parts/stored_forms.py. All else: a new version, and a step to it."""
    assert stored_forms.described() == WRITTEN.read_text()


@pytest.mark.parametrize("kind", [*stored_forms.RECORDS, *stored_forms.STATE, *stored_forms.RECORDING])
def test_what_a_newer_version_has_appended_is_overlooked(kind):
    """So that going back to this one works, as long as the version in the file is the same."""
    assert not kind.__struct_config__.forbid_unknown_fields


def test_a_form_that_changes_is_noticed(monkeypatch):
    class Lasts(msgspec.Struct, array_like=True):
        due: int
        boot: str

    Lasts.__module__, Lasts.__qualname__ = stored_forms.floods.Lasts.__module__, "Lasts"
    others = [each for each in stored_forms.STATE if each.__name__ != "Lasts"]
    monkeypatch.setattr(stored_forms, "STATE", (*others, Lasts))
    assert stored_forms.described() != WRITTEN.read_text()
