"""The folder of evidence stays within its budget, has the newest, and survives a kill at any moment."""

import random
import shutil
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.evidence import EvidenceError, exported, kept, opened
from gatewayd.evidence.folder import Folder, TooLargeError
from gatewayd.records import Alarm, AlarmState, Severity, Stamp

BUDGET = 100_000


def alarm(n):
    at = Stamp("boot", n)
    return Alarm(
        boot="boot",
        rule=f"rule{n % 3}",
        channel="c",
        state=AlarmState.RAISED,
        severity=Severity.INFO,
        time=n,
        since=at,
        raised=at,
        value=None,
        limit=None,
        unit="",
        reason="",
    )


def taken(path):
    """Bytes of the disk."""
    return sum(-(-each.stat().st_size // 4096) * 4096 for each in path.iterdir())


@given(puts=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 50_000)), max_size=40))
def test_the_budget_is_never_exceeded_and_the_newest_is_there(tmp_path_factory, puts):
    path = tmp_path_factory.mktemp("evidence")
    folder = Folder(path, BUDGET)
    folder.open()
    for n, size in puts:
        if 2 * (-(-size // 4096) * 4096) > BUDGET:
            with pytest.raises(TooLargeError):
                folder.put(alarm(n), bytes(size))
            continue
        folder.put(alarm(n), random.Random(n).randbytes(size))
        assert taken(path) <= BUDGET
        there = {each.id: each for each in kept(path)}
        assert there[alarm(n).id].path.stat().st_size == size
    assert folder.figures() == (len(kept(path)), taken(path))


def test_a_second_file_of_an_alarm_takes_the_place_of_the_first(tmp_path):
    folder = Folder(tmp_path, BUDGET)
    for n, data in [(1, b"a"), (2, b"b"), (1, b"c")]:
        folder.put(alarm(n), data)
    assert [(each.number, each.path.read_bytes()) for each in kept(tmp_path)] == [(1, b"c"), (2, b"b")]


def test_what_a_kill_left_unfinished_is_removed_and_nothing_else(tmp_path):
    Folder(tmp_path, BUDGET).put(alarm(1), b"a")
    (tmp_path / "000002-x-0123456789abcdef.zip.part").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")
    Folder(tmp_path, BUDGET).open()
    assert len(kept(tmp_path)) == 1
    assert (tmp_path / "notes.txt").exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_smaller_budget_is_kept_from_the_start(tmp_path):
    folder = Folder(tmp_path, BUDGET)
    for n in range(20):
        folder.put(alarm(n), bytes(4000))
    Folder(tmp_path, 20_000).open()
    assert [each.number for each in kept(tmp_path)] == [17, 18, 19, 20]


def test_numbers_go_on_after_a_restart(tmp_path):
    for n in (1, 2):
        folder = Folder(tmp_path, BUDGET)
        folder.open()
        folder.put(alarm(n), b"a")
    assert [each.number for each in kept(tmp_path)] == [1, 2]


@given(st.data())
def test_a_changed_byte_is_noticed_or_does_not_matter(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    with zipfile.ZipFile(folder / "whole.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("evidence.json", b'{"alarm": "overpressure overpressure"}')
    whole = bytearray((folder / "whole.zip").read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / "spoilt.zip").write_bytes(whole)
    with suppress(EvidenceError):
        assert opened(folder / "spoilt.zip") == {"alarm": "overpressure overpressure"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", b"{}"])
def test_a_damaged_file_is_said_to_be_damaged(tmp_path, content):
    path = tmp_path / "000001-x-0123456789abcdef.zip"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match="it is no evidence"):
        opened(path)
    with pytest.raises(EvidenceError):
        exported(path, tmp_path / "out")


def test_folders_with_names_of_ours_are_no_evidence(tmp_path):
    (tmp_path / f"000001-high-{'0' * 16}.zip").mkdir()
    (tmp_path / "000002.zip.part" / "inside").mkdir(parents=True)
    Folder(tmp_path, 10**6).open()
    assert kept(tmp_path) == []
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("make", [None, lambda path: path.touch(), lambda path: path.symlink_to(path)])
def test_a_folder_that_was_removed_is_made_again(tmp_path, make):
    path = tmp_path / "state" / "evidence"
    folder = Folder(path, BUDGET)
    folder.open()
    folder.put(alarm(1), b"a")
    shutil.rmtree(path.parent)
    if make is not None:
        path.parent.mkdir()
        make(path)
    assert folder.figures() == (0, 0)
    folder.put(alarm(2), b"b")
    assert [each.id for each in kept(path)] == [alarm(2).id]


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: path.symlink_to("nowhere")])
def test_what_has_its_place_when_it_is_opened_is_set_aside(tmp_path, make):
    make(tmp_path / "evidence")
    folder = Folder(tmp_path / "evidence", BUDGET)
    folder.open()
    folder.put(alarm(1), b"a")
    assert (tmp_path / "evidence.damaged-1").is_file() or (tmp_path / "evidence.damaged-1").is_symlink()
