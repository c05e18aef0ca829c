"""Objects on a D-Bus: their properties, what their methods do, and the signals that tell of both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
PACE = 0.0005
"""Seconds from one message to the next: dbus-fast breaks its connection when the daemon does not keep up."""

Properties = dict[str, Variant]


class Refusal(Exception):  # noqa: N818 - it is what a method answers
    """What a method answers instead of a result: the name of a D-Bus error and a text."""

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self.text = text
        super().__init__(f"{name}: {text}")


@dataclass(frozen=True, slots=True)
class Call:
    """A method call: the arguments, and the unique name of the caller on the bus."""

    arguments: list[Any]
    sender: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a method gives: a D-Bus signature and as many values."""

    signature: str = ""
    values: tuple[Any, ...] = ()


Method = Callable[[Call], Awaitable[Result | None]]


@dataclass(slots=True)
class Interface:
    """One interface of one object. `changed` is called when a client has set a property."""

    properties: Properties
    methods: Mapping[str, Method] = field(default_factory=dict)
    changed: Callable[[str, Any], None] | None = None


class Objects:
    """All objects that one connection to the bus shows to others."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._objects: dict[str, dict[str, Interface]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._outgoing: asyncio.Queue[Message] = asyncio.Queue()
        self.answering = asyncio.Event()
        """Set, unless calls are to wait for their answers."""
        self.answering.set()
        self._spawn(self._send_all())
        bus.add_message_handler(self._handle)

    def put(self, path: str, interfaces: dict[str, Interface]) -> None:
        """Show an object, and tell everybody."""
        self._objects[path] = interfaces
        told = {name: dict(each.properties) for name, each in interfaces.items()}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, told)

    def remove(self, path: str) -> None:
        """Take an object and all below it away, and tell everybody."""
        for each in [known for known in self._objects if known == path or known.startswith(f"{path}/")][::-1]:
            names = list(self._objects.pop(each))
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", each, names)

    def change(self, path: str, interface: str, changes: Properties, gone: tuple[str, ...] = ()) -> None:
        """Give properties of an object other values, or none, and tell everybody. An object that is not there: no."""
        if path not in self._objects:
            return
        properties = self._objects[path][interface].properties
        properties.update(changes)
        for name in gone:
            properties.pop(name, None)
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, changes, list(gone))

    def value(self, path: str, interface: str, name: str) -> Any:
        """A property's value."""
        return self._objects[path][interface].properties[name].value

    def __contains__(self, path: str) -> bool:
        return path in self._objects

    async def close(self) -> None:
        """Stop answering."""
        self._bus.remove_message_handler(self._handle)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _signal(self, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        self._outgoing.put_nowait(Message.new_signal(path, interface, member, signature, list(body)))

    async def _send_all(self) -> None:
        while True:
            sent = self._bus.send(await self._outgoing.get())
            sent.add_done_callback(_forgive)
            await sent
            await asyncio.sleep(PACE)

    def _handle(self, message: Message) -> bool:
        """Take the calls of methods; whether this was one."""
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        self._spawn(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        await self.answering.wait()
        try:
            result = await self._called(message) or Result()
        except Refusal as refusal:
            self._outgoing.put_nowait(Message.new_error(message, refusal.name, refusal.text))
        else:
            self._outgoing.put_nowait(Message.new_method_return(message, result.signature, list(result.values)))

    async def _called(self, message: Message) -> Result | None:
        path, name, member = message.path or "/", message.interface or "", message.member or ""
        if name == OBJECT_MANAGER and member == "GetManagedObjects":
            return self._all()
        interfaces = self._objects.get(path)
        if interfaces is None:
            raise Refusal("org.freedesktop.DBus.Error.UnknownObject", f"no object {path}")
        if name == PROPERTIES:
            return self._property(path, interfaces, member, message.body)
        method = interfaces[name].methods.get(member) if name in interfaces else None
        if method is None:
            raise Refusal("org.freedesktop.DBus.Error.UnknownMethod", f"{path} has no {name}.{member}")
        return await method(Call(message.body, message.sender or ""))

    def _all(self) -> Result:
        told = {
            path: {name: dict(each.properties) for name, each in interfaces.items()}
            for path, interfaces in self._objects.items()
        }
        return Result("a{oa{sa{sv}}}", (told,))

    def _property(self, path: str, interfaces: dict[str, Interface], member: str, body: list[Any]) -> Result | None:
        interface = interfaces.get(body[0])
        if interface is None:
            raise Refusal("org.freedesktop.DBus.Error.UnknownInterface", f"{path} has no {body[0]}")
        if member == "GetAll":
            return Result("a{sv}", (dict(interface.properties),))
        if body[1] not in interface.properties:
            raise Refusal("org.freedesktop.DBus.Error.UnknownProperty", f"{path} has no {body[0]}.{body[1]}")
        if member == "Get":
            return Result("v", (interface.properties[body[1]],))
        if interface.changed is None:
            raise Refusal("org.freedesktop.DBus.Error.PropertyReadOnly", f"{body[1]} cannot be set")
        interface.changed(body[1], body[2].value)
        return None

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _forgive(sent: asyncio.Future[None]) -> None:
    """What could not be sent because the bus is gone is nobody's trouble."""
    if not sent.cancelled():
        sent.exception()
