"""The options of the `ble` source, and which of them go together."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Duration, OptionError, Source
from gatewayd_plugins.ble.adapter.scan import Mode
from gatewayd_plugins.ble.connections.options import BurstOptions, CharacteristicOptions
from gatewayd_plugins.ble.decoders.described import FieldOptions, SequenceOptions
from gatewayd_plugins.ble.formats import Format
from gatewayd_plugins.ble.hearing.link import LINK
from gatewayd_plugins.ble.keys import written_key

FIVE_MINUTES = Duration(300)
LONGEST_SILENCE = Duration(30 * 86_400)
SAY_WHAT = 'say what it sends: format = "ruuvi" (or "bthome", "eddystone_tlm"), or describe it in [fields]'


@dataclass
class BleOptions(Source):
    """The device at `address`, heard by `adapter`.

    Its advertisements are of a known `format`, or `fields` describe what they hold (in `data` that begin with the
    bytes `begins`, with a `sequence` of readings); `channels` says which of all these are wanted. `characteristics`
    and `bursts` are read by a connection.
    """

    address: Annotated[str, Meta(examples=["CB:B8:33:4C:88:4F"])]
    adapter: str = "hci0"
    scan: Mode = "active"
    format: Format | None = None
    channels: list[str] | None = None
    silence: Duration = FIVE_MINUTES
    key: str | None = dataclasses.field(default=None, repr=False)
    key_file: Path | None = None
    accept_restart: bool = False
    data: str | None = None
    begins: str | None = None
    fields: dict[str, FieldOptions] = dataclasses.field(default_factory=dict)
    sequence: SequenceOptions | None = None
    characteristics: dict[str, CharacteristicOptions] = dataclasses.field(default_factory=dict)
    bursts: dict[str, BurstOptions] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise OptionError for options that mean nothing, or nothing together."""
        if not re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", self.address, re.ASCII):
            what, fix = f"{self.address!r} is not the address of a device", 'write its bytes: "CB:B8:33:4C:88:4F"'
            raise OptionError(["address"], what, fix)
        if not re.fullmatch(r"hci\d{1,3}", self.adapter, re.ASCII):
            fix = 'write "hci0" or "hci1": `ls /sys/class/bluetooth` shows them'
            raise OptionError(["adapter"], f"{self.adapter!r} is not an adapter", fix)
        if not 0 < self.silence <= LONGEST_SILENCE:
            raise OptionError(["silence"], f"{self.silence:g} s is no time to wait", 'give "10s" to "30d"')
        self._check_what_is_read()
        self._check_fields()
        self._check_key()

    @property
    def device(self) -> str:
        """The address in capital letters, which is how devices are known."""
        return self.address.upper()

    @property
    def encrypts(self) -> bool:
        """Whether the device is said to encrypt."""
        return self.key is not None or self.key_file is not None

    def _check_what_is_read(self) -> None:
        heard = self.fields or self.format is not None
        if self.fields and self.format is not None:
            what = "the fields describe another format"
            raise OptionError(["format"], what, "leave out either format or the table fields")
        if not (heard or self.characteristics or self.bursts):
            raise OptionError(["format"], "nothing would be read", SAY_WHAT)
        if self.channels is not None and not heard:
            raise OptionError(["channels"], "nothing is heard that they could be of", SAY_WHAT)

    def _check_fields(self) -> None:
        for name in ("data", "begins", "sequence"):
            if getattr(self, name) is not None and not self.fields:
                raise OptionError([name], f"{name} has no use without fields", "describe them: [….fields]")
        for name in self.fields:
            if name in LINK:
                what = f"{name!r} is the channel of how well the device is heard"
                raise OptionError(["fields", name], what, "call it otherwise")
        lacking = self.sequence is not None or any(each.data is None for each in self.fields.values())
        if lacking and self.fields and self.data is None:
            what, fix = "it is not said in whose data the fields lie", 'add data = "manufacturer:0x0499", say'
            raise OptionError(["data"], what, fix)

    def _check_key(self) -> None:
        for name in ("key", "key_file", "accept_restart"):
            if getattr(self, name) and self.format is not Format.BTHOME:
                raise OptionError([name], f'{name} has no use without format = "bthome"', "leave it out")
        if self.key is not None and self.key_file is not None:
            raise OptionError(["key_file"], "there is a key already", "leave out one of them")
        if self.accept_restart and not self.encrypts:
            raise OptionError(["accept_restart"], "without a key nothing is refused for its counter", "leave it out")
        if self.key is not None:
            written_key(self.key)
