"""Gateways that move: a config, a home with something in it, and archives as somebody might forge them."""

import hashlib
import io
import json
import tarfile

from outboxes import opened, summary, urgent

from gatewayd.records import Saved
from gatewayd.state.folder import held

LIST = "gatewayd-move.json"


def config(folder, gateway="site"):
    folder.mkdir(exist_ok=True)
    path = folder / "gatewayd.toml"
    path.write_text(f'[gateway]\nid = "{gateway}"\nstate_dir = "state"\n')
    return path


async def used(folder):
    """The config of a gateway that has something to send, evidence and state."""
    path = config(folder)
    home = folder / "state"
    with held(home):
        async with opened(home / "outbox.db") as outbox:
            outbox.put(urgent(summary(1), summary(2), saved=[Saved("models", "pump1", "d", b"learned")]))
    (home / "evidence").mkdir()
    (home / "evidence/000001-a-b.zip").write_bytes(b"zip")
    return path


def listed(contents, **more):
    """The list of what an archive with these contents (by name) holds, as a file of it."""
    files = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in contents.items()
    ]
    text = json.dumps({"v": 1, "gateway": "site", "files": files} | more).encode()
    return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def forged(path, contents, mode="w", list_of=listed, **more):
    """An archive of these contents whose list is right."""
    with tarfile.open(path, mode, format=tarfile.USTAR_FORMAT) as packed:
        for name, data in {LIST: list_of(contents, **more), **contents}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            packed.addfile(member, io.BytesIO(data))
    data = path.read_bytes()
    if mode == "w":
        path.write_bytes(data.rstrip(b"\0") + bytes(-len(data.rstrip(b"\0")) % 512 + 1024))
    return path


def everything(folder):
    """All that lies in a folder, but for the lock."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.name != "lock")
