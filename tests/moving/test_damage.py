"""An archive that is cut, damaged or forged, and a disk that fails: nothing of it comes to a new home."""

import errno
import gzip
import lzma
import os
import random
import tarfile

import pytest
from moves import LIST, config, everything, forged, listed, used

from gatewayd.errors import NeedsPersonError
from gatewayd.moving import MoveError, move_in, move_out
from gatewayd.state.folder import held


@pytest.fixture
async def archive(tmp_path):
    """A sound one."""
    old = await used(tmp_path / "old")
    move_out(old, tmp_path / "site.tar")
    return tmp_path / "site.tar"


def refused(tmp_path, archive, why=""):
    with pytest.raises(MoveError, match=why) as caught:
        move_in(config(tmp_path / "new"), archive)
    assert everything(tmp_path / "new") == ["gatewayd.toml"]
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no archive at all", None, bytes(10240)])
def test_an_archive_that_is_none_is_refused(tmp_path, content):
    archive = tmp_path / "site.tar"
    if content is not None:
        archive.write_bytes(content)
    refused(tmp_path, archive, "site.tar cannot be unpacked")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "site.tar")
    refused(tmp_path, tmp_path / "site.tar", "is no file")


def test_an_archive_that_is_cut_anywhere_is_refused(tmp_path, archive):
    whole = archive.read_bytes()
    with tarfile.open(archive, "r:") as packed:
        ends = [member.offset for member in packed]
    dice = random.Random(1)
    for end in [*ends, len(whole) - 1024, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(20))]:
        archive.write_bytes(whole[:end])
        refused(tmp_path, archive, "cannot be unpacked")
    archive.write_bytes(whole + b"\0")
    refused(tmp_path, archive, f"{len(whole) + 1} bytes long, and should be {len(whole)}")


def test_a_single_bit_that_flipped_anywhere_is_found(tmp_path, archive):
    whole = archive.read_bytes()
    with tarfile.open(archive, "r:") as packed:
        headers = [member.offset + at for member in packed for at in (0, 100, 124, 148, 156, 157, 265, 345, 500)]
        contents = [member.offset_data for member in packed]
    dice = random.Random(2)
    for at in [*headers, *contents, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(40))]:
        spoilt = bytearray(whole)
        spoilt[at] ^= 1 << dice.randrange(8)
        archive.write_bytes(spoilt)
        refused(tmp_path, archive, "cannot be unpacked")


@pytest.mark.parametrize(
    "name",
    [
        *("../../elsewhere", "/tmp/elsewhere", "evidence/../../elsewhere", "./outbox.db", "evidence//a", ""),
        *("moved", "lock", "control.sock", "arriving", "arriving/a", "outbox.db-wal", "outbox.db.reserve"),
    ],
)
def test_an_archive_cannot_write_elsewhere_or_what_is_not_moved(tmp_path, name):
    forged(tmp_path / "site.tar", {"outbox.db": b"x", name: b"evil"})
    refused(tmp_path, tmp_path / "site.tar", f"cannot be unpacked .*{name!r} in it is none of ours")
    assert not (tmp_path / "elsewhere").exists()


def test_without_an_outbox_there_is_no_gateway_in_it(tmp_path):
    forged(tmp_path / "site.tar", {"evidence/000001-a-b.zip": b"zip"})
    refused(tmp_path, tmp_path / "site.tar", "there is no outbox.db in it")
    forged(tmp_path / "site.tar", {})
    refused(tmp_path, tmp_path / "site.tar", "there is no outbox.db in it")


def test_what_is_not_as_the_list_says_is_refused(tmp_path):
    archive = tmp_path / "site.tar"

    def other(of):
        return lambda contents, **more: listed(of, **more)

    forged(archive, {"outbox.db": b"abc"}, list_of=other({"outbox.db": b"abd"}))
    refused(tmp_path, archive, r"'outbox.db' in it is damaged")
    forged(archive, {"evidence/a": b"abc"}, list_of=other({"outbox.db": b"abc"}))
    refused(tmp_path, archive, r"there is no sound 'outbox.db' where it should be")
    forged(archive, {"outbox.db": b"abc"}, list_of=lambda *_, **__: listed({"outbox.db": b"abc"}).replace(b"e", b"f"))
    refused(tmp_path, archive, r"its list of files is damaged")
    forged(archive, {"outbox.db": b"abc"}, list_of=lambda *_, **__: listed({}, files=[{"name": "outbox.db"}]))
    refused(tmp_path, archive, r"its list of files makes no sense")
    forged(archive, {"outbox.db": b"abc"}, list_of=lambda *_, **__: listed({}, files=5))
    refused(tmp_path, archive, r"its list of files makes no sense")
    negative = [{"name": "outbox.db", "size": -512, "sha256": ""}]
    forged(archive, {"outbox.db": b"abc"}, list_of=lambda *_, **__: listed({}, files=negative))
    refused(tmp_path, archive, r"its list of files makes no sense")


def test_links_and_devices_are_refused(tmp_path):
    archive = tmp_path / "site.tar"
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.XHDTYPE):
        forged(archive, {"outbox.db": b""})
        data = bytearray(archive.read_bytes())
        at = data.rindex(b"outbox.db\0")
        member = tarfile.TarInfo("outbox.db")
        member.type, member.mode = kind, 0o600
        data[at : at + 512] = member.tobuf(tarfile.USTAR_FORMAT)
        archive.write_bytes(data)
        refused(tmp_path, archive, "there is no sound 'outbox.db' where it should be")


@pytest.mark.parametrize("packing", [gzip.compress, lzma.compress])
def test_what_is_compressed_is_not_blown_up(tmp_path, archive, packing):
    archive.write_bytes(packing(archive.read_bytes()))
    refused(tmp_path, archive, "it does not begin with a list of its files")


def test_a_list_that_is_too_long_is_not_read(tmp_path):
    member = tarfile.TarInfo(LIST)
    member.size, member.mode = 1 << 32, 0o600
    with (tmp_path / "site.tar").open("wb") as file:
        file.write(member.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(member.size + 1024)
    refused(tmp_path, tmp_path / "site.tar", "its list of files is too long")


def fails_after(monkeypatch, name, times):
    """Have the disk refuse the so manieth call."""
    real, left = getattr(os, name), [times]

    def fail(*args, **more):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **more)

    monkeypatch.setattr(f"gatewayd.moving.os.{name}", fail)


@pytest.mark.parametrize(("name", "times"), [*(("fsync", n) for n in range(1, 7)), ("rename", 1), ("rename", 2)])
def test_a_disk_that_fails_in_the_middle_leaves_nothing_and_it_can_be_repeated(
    tmp_path, archive, monkeypatch, name, times
):
    with monkeypatch.context() as patched:
        fails_after(patched, name, times)
        with pytest.raises(MoveError, match=r"No space left on device.*; nothing was changed there"):
            move_in(config(tmp_path / "new"), archive)
    assert everything(tmp_path / "new") == ["gatewayd.toml", "state"]
    home = move_in(config(tmp_path / "new"), archive)
    assert everything(home) == ["evidence", "evidence/000001-a-b.zip", "outbox.db"]


class PowerCutError(BaseException):
    """Nothing runs any more."""


@pytest.mark.parametrize("times", [1, 2])
def test_a_power_cut_in_the_middle_leaves_a_home_that_is_not_run_but_moved_into_again(
    tmp_path, archive, monkeypatch, times
):
    real, left = os.rename, [times]

    def cut(*args, **more):
        left[0] -= 1
        if left[0] == 0:
            raise PowerCutError
        return real(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr("gatewayd.moving.os.rename", cut)
        patched.setattr("gatewayd.moving.home.clear", lambda _: None)
        with pytest.raises(PowerCutError):
            move_in(config(tmp_path / "new"), archive)
    home = tmp_path / "new/state"
    assert (home / "arriving").is_dir()
    with pytest.raises(NeedsPersonError, match=r"a move into it was not completed; repeat .*gatewayd move in"):
        held(home).__enter__()
    move_in(config(tmp_path / "new"), archive)
    assert everything(home) == ["evidence", "evidence/000001-a-b.zip", "outbox.db"]
