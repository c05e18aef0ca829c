"""A characteristic of a device: a value that can be read, written, and sent without being asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbus_fast import Variant

from gatewayd.testing.bluetooth.advert import BLUETOOTH_BASE
from gatewayd.testing.bluetooth.objects import Call, Interface, Objects, Refusal, Result

CHARACTERISTIC = "org.bluez.GattCharacteristic1"
MTU = 247


def full_uuid(uuid: str) -> str:
    """All of a UUID that may have been written by its four digits."""
    return f"0000{uuid.lower()}{BLUETOOTH_BASE}" if len(uuid) == 4 else uuid.lower()


class FakeCharacteristic:
    """One characteristic. What is read is `value`; what was written is in `written`, and given to `react`, too."""

    def __init__(self, uuid: str, value: bytes, flags: Sequence[str]) -> None:
        self.uuid = full_uuid(uuid)
        self.value = value
        self.flags = list(flags)
        self.written: list[bytes] = []
        self.react: Callable[[bytes], None] | None = None
        self.refusal: Refusal | None = None
        """What every call answers instead, if anything."""
        self.reads = 0
        self._objects: Objects | None = None
        self._path = ""

    @property
    def notifying(self) -> bool:
        """Whether somebody wants to be told of new values."""
        objects = self._objects
        return objects is not None and self._path in objects and bool(self._told(objects, "Notifying"))

    def show(self, objects: Objects, path: str, service: str) -> None:
        """Appear on the bus."""
        self._objects, self._path = objects, path
        properties = {
            "UUID": Variant("s", self.uuid),
            "Service": Variant("o", service),
            "Flags": Variant("as", self.flags),
            "Notifying": Variant("b", False),
            "MTU": Variant("q", MTU),
        }
        methods = {
            "ReadValue": self._read,
            "WriteValue": self._write,
            "StartNotify": self._start,
            "StopNotify": self._stop,
        }
        objects.put(path, {CHARACTERISTIC: Interface(properties, methods)})

    def notify(self, value: bytes) -> bool:
        """Send a value to whoever wants it; whether anybody does."""
        self.value = value
        if self._objects is None or not self.notifying:
            return False
        self._objects.change(self._path, CHARACTERISTIC, {"Value": Variant("ay", value)})
        return True

    def disconnected(self) -> None:
        """Nobody wants to be told any more."""
        self._set_notifying(False)

    async def _read(self, _call: Call) -> Result:
        self._allow("read", "Read not permitted")
        self.reads += 1
        return Result("ay", (self.value,))

    async def _write(self, call: Call) -> None:
        self._allow("write", "Write not permitted")
        self.value = bytes(call.arguments[0])
        self.written.append(self.value)
        if self.react is not None:
            self.react(self.value)

    async def _start(self, _call: Call) -> None:
        if not {"notify", "indicate"} & set(self.flags):
            raise Refusal("org.bluez.Error.NotSupported", "Operation is not supported")
        self._set_notifying(True)

    async def _stop(self, _call: Call) -> None:
        self._set_notifying(False)

    def _allow(self, flag: str, text: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        if flag not in self.flags:
            raise Refusal("org.bluez.Error.NotPermitted", text)

    def _set_notifying(self, value: bool) -> None:  # noqa: FBT001 - it is the value
        if self._objects is not None and self.notifying != value:
            self._objects.change(self._path, CHARACTERISTIC, {"Notifying": Variant("b", value)})

    def _told(self, objects: Objects, name: str) -> object:
        return objects.value(self._path, CHARACTERISTIC, name)
