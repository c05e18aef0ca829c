"""The order of the checks, and what of the config each of them is about."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from gatewayd.config import Config, load
from gatewayd.control.asking import ControlError, ask
from gatewayd.control.whereabouts import doors
from gatewayd.doctor import bluetooth, broker, certificates, clock, disk, files, ports, service
from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.doctor.user import User
from gatewayd.errors import ConfigError
from gatewayd.state.folder import is_held
from gatewayd.state.places import exists
from gatewayd.uplink import Broker

AS_ROOT = "ask again as root, who may see everything"
_PORT = re.compile(r"/dev/[^\s?,]+")
_ADAPTER = re.compile(r"ble:(hci\d+)")


def examined(path: Path | None) -> Iterator[Finding]:
    """All findings, one after the other as they are made. Without a config the machine alone is looked at."""
    config = None
    if path is None:
        yield warning("config", "none is named: the machine alone is looked at", "gatewayd doctor CONFIG")
    else:
        config, findings = _config(path)
        yield from findings
    yield from _careful(clock.CHECK, lambda: clock.judged(clock.look()))
    yield from service.judged(service.look())
    if config is not None:
        yield from _of(config)


def _config(path: Path) -> tuple[Config | None, list[Finding]]:
    try:
        config = load(path)
    except ConfigError as error:
        return None, [problem("config", each, "") for each in error.told]
    if config.problems:
        return config, [warning("config", str(each), "") for each in config.problems]
    return config, [ok("config", f"{path} is all right")]


def _of(config: Config) -> Iterator[Finding]:
    """What the config is about."""
    user, places = User.of_service(), [each.parent for each in doors(config.path)]
    state = next((each for each in places if exists(each)), places[0])
    yield from _careful(files.CHECK, lambda: files.judged(files.look(user, _to_read(config), state)))
    yield from _careful(disk.CHECK, lambda: disk.judged(disk.look(state, config.settings)))
    lines = [each.line.key for each in config.sources.values() if each.line is not None]
    for facts in ports.look(_named(_PORT, lines), user):
        yield from ports.judged(facts)
    yield from bluetooth.judged(bluetooth.look(_named(_ADAPTER, lines)))
    spoken_to = Broker.of(config.settings.mqtt, config.settings.gateway.id)
    yield from _careful(certificates.CHECK, lambda: certificates.judged(certificates.look(spoken_to)))
    yield from _broker(config.path, spoken_to)


def _broker(config: Path, spoken_to: Broker) -> Iterator[Finding]:
    """Never connect beside a gateway that runs: the broker would take us for it."""
    places = doors(config)
    fix = "see journalctl -u gatewayd; and ask as root, or as the user that it runs as"
    try:
        uplink = _uplink(places)
    except (ControlError, OSError) as error:
        yield warning(broker.CHECK, f"a gateway runs, but cannot be asked: {error}", fix)
        return
    yield from broker.judged(broker.look(spoken_to, uplink))


def _uplink(places: list[Path]) -> Any:
    """What the gateway that runs says of its broker; None if none does. Raises ControlError, OSError."""
    try:
        if any(exists(each) for each in places):
            return ask(places, "status")["uplink"]
    except ControlError:
        if _runs(places):
            raise
    if _runs(places):
        why = "which it makes again within seconds if the disk lets it"
        raise ControlError(f"it has no control socket at {places[0]}, {why}")
    return None


def _runs(places: list[Path]) -> bool:
    """Whether a gateway holds one of these folders; what a killed one has left holds none. Raises OSError."""
    return any(is_held(Path(os.path.realpath(each)).parent) for each in places)


def _to_read(config: Config) -> Iterator[Path]:
    """The files that the gateway reads itself; what systemd hands over as a credential it need not."""
    given = service.credentials()
    folder, mqtt = config.path.absolute().parent, config.settings.mqtt
    yield config.path.absolute()
    yield from sorted((folder / "conf.d").glob("*.toml"))
    for file in (mqtt.password_file, mqtt.ca_file, mqtt.cert_file, mqtt.key_file):
        if file is not None and file.name not in given:
            yield folder / file


def _named(pattern: re.Pattern[str], lines: Iterable[str]) -> list[str]:
    """What lines' keys name, each once."""
    found = (pattern.search(line) for line in lines)
    return sorted({match[match.lastindex or 0] for match in found if match is not None})


def _careful(check: str, findings: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What cannot be looked at is a finding, too."""
    try:
        yield from findings()
    except OSError as error:
        yield warning(check, f"cannot be looked at: {error}", AS_ROOT)
