"""What a program did to the files of a folder, as strace saw it, and what a power cut may leave of it at any moment."""

import re
import subprocess
from pathlib import Path

CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename"
SECTOR = 512

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (\d+)")
_FD = re.compile(r"(\d+)<([^>]*)>")
_TEXT = re.compile(r'"([^"]*)"')
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>")


def trace(command, folder, log):
    """Run a program; give what it did in `folder`, and said, in order: (verb, file name or text, details)."""
    subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "99999999", "-e", f"trace={CALLS}", "-o", log, *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with log.open() as lines:
        return [event for line in _whole(lines) if (event := _event(line, folder)) is not None]


def _whole(lines):
    """Calls in the order of their ends: strace splits those that overlap."""
    begun = {}
    for line in lines:
        process, _, call = line.rstrip("\n").partition(" ")
        call = call.lstrip()
        if call.endswith("<unfinished ...>"):
            begun[process] = call.removesuffix("<unfinished ...>")
        elif resumed := _RESUMED.match(call):
            yield begun.pop(process) + call[resumed.end() :]
        else:
            yield call


def _event(call, folder):
    """The event that a call is; None if it does not concern the folder."""
    if not (parts := _CALL.match(call)):
        return None
    verb, arguments = parts[1], parts[2]
    if verb in {"unlink", "rename"}:
        path = Path(_bytes(_TEXT.search(arguments)[1]).decode())
        assert verb == "unlink" or path.parent != folder, "renames are not modelled"
        return (verb, path.name, None) if path.parent == folder else None
    number, path = _FD.match(arguments).groups()
    if verb == "write" and number == "1":
        return "say", _bytes(_TEXT.search(arguments)[1]).decode(), None
    path = Path(_bytes(path).decode() if path.startswith("\\x") else path)
    return _change(verb, path.name, arguments) if path.parent == folder else None


def _change(verb, name, arguments):
    last = arguments.rpartition(", ")[2]
    if verb == "pwrite64":
        return verb, name, (int(last), _bytes(_TEXT.search(arguments)[1]))
    if verb == "ftruncate":
        return verb, name, int(last)
    assert verb in {"fsync", "fdatasync"}, arguments[:100]
    return "sync", name, None


def _bytes(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Disk:
    """Files as they surely are, and changes to them that a power cut may undo, each for itself."""

    def __init__(self):
        self._sure = {}
        self._open = {}

    def see(self, verb, name, details):
        """Take an event in. Names are created and deleted in order, as journalling file systems do."""
        if verb == "sync":
            for change in self._open.pop(name, []):
                _apply(self._sure[name], *change)
        elif verb == "unlink":
            self._sure.pop(name, None)
            self._open.pop(name, None)
        elif verb in {"pwrite64", "ftruncate"}:
            self._sure.setdefault(name, bytearray())
            self._open.setdefault(name, []).append((verb, details))

    def after_a_cut(self, folder, dice, kept):
        """Write what is left: of the changes in the open the share `kept`, some of them torn."""
        for name, sure in self._sure.items():
            content = bytearray(sure)
            for change in self._open.get(name, []):
                if dice.random() < kept:
                    _apply(content, *(_torn(dice, *change) if 0 < kept < 1 else change))
            (folder / name).write_bytes(content)


def _torn(dice, verb, details):
    if verb == "pwrite64" and len(details[1]) > SECTOR and dice.random() < 0.3:
        offset, data = details
        return verb, (offset, data[: SECTOR * dice.randint(1, len(data) // SECTOR)])
    return verb, details


def _apply(content, verb, details):
    if verb == "ftruncate":
        del content[details:]
        content.extend(bytes(details - len(content)))
        return
    offset, data = details
    content.extend(bytes(max(0, offset + len(data) - len(content))))
    content[offset : offset + len(data)] = data
