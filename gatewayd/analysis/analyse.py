"""The whole of an analysis: read a recording, try it on a config, look at its spectra."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from gatewayd.analysis.machine import Heard, Machine
from gatewayd.analysis.report import Analysis
from gatewayd.analysis.settings import Known, config_for
from gatewayd.analysis.trial import play
from gatewayd.config import Config, load
from gatewayd.config.rotation import Shaft
from gatewayd.engine.plan import PlannedChannel
from gatewayd.errors import AnalysisError
from gatewayd.features.bearings.geometry import Orders
from gatewayd.features.units import ACCELERATIONS
from gatewayd.model import Kind
from gatewayd.replay.waveforms import Recorded, read

SLOWEST = 10.0
"""Hz: what is slower is no vibration, and windows of a second hold next to nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be analysed: a file (one `column` of it), and what is known; `config` and `channel` to try it on."""

    file: Path
    column: str | None = None
    rate: float | None = None
    unit: str = ""
    known: Known = field(default_factory=Known)
    config: Path | None = None
    channel: str | None = None


def analyse(task: Task) -> list[Analysis]:
    """One analysis for each column that is wanted. Raises AnalysisError, and ConfigError for a config that is wrong."""
    recorded = read(task.file, task.rate, task.unit)
    if task.column is not None:
        recorded = [each for each in recorded if each.name == task.column] or _no_column(task, recorded)
    slow = next((each for each in recorded if each.rate < SLOWEST), None)
    if slow is not None:
        fix = 'in the gateway, the file source gives them with values = "single"'
        raise AnalysisError(str(task.file), f"a rate of {slow.rate:.3g} Hz is that of readings, not of a waveform", fix)
    _check(task)
    if task.config is None:
        return [_analysed(task, each, config_for(task.file, each, task.known), 0) for each in recorded]
    if len(recorded) > 1:
        raise AnalysisError(str(task.file), f"it has the columns {_names(recorded)}", "choose one with --column")
    config = load(task.config, offline=True)
    number = _wanted(task, config.plan.channels)
    heard = replace(recorded[0], unit=config.plan.channels[number].unit)
    return [_analysed(task, heard, config, number)]


def _check(task: Task) -> None:
    """Raise AnalysisError for options that would have no effect as they are combined."""
    wrong = _said_twice(task) if task.config is not None else _lacking(task)
    for option, what, fix in wrong:
        raise AnalysisError(str(task.file), f"{option} {what}", fix)


def _said_twice(task: Task) -> Iterator[tuple[str, str, str]]:
    """Options that a config stands for."""
    given = {"--unit": bool(task.unit)}
    given |= {f"--{key}": getattr(task.known, key) is not None for key in ("blades", "severity", "bearing", "band")}
    for option, is_given in given.items():
        if is_given:
            yield option, "is for an analysis without a config, which says it itself", "leave it out"


def _lacking(task: Task) -> Iterator[tuple[str, str, str]]:
    """Options that need another one."""
    known = task.known
    for option, given in (("--bearing", known.bearing), ("--blades", known.blades)):
        if given is not None and known.shaft is None:
            yield option, "needs the speed of the shaft", "give --shaft 1480rpm"
    if known.severity is not None and task.unit not in ACCELERATIONS:
        yield "--severity", "needs an acceleration", "give its unit: --unit m/s2"
    if task.channel is not None:
        yield "--as", "names a channel of a config", "give --config, too"


def _analysed(task: Task, recorded: Recorded, config: Config, number: int) -> Analysis:
    given = task.known.shaft if task.config is not None else None
    trial = play(config, number, recorded, None if given is None else _speed(task, given))
    title = task.file.name if task.column is None else f"{task.file.name}: {recorded.name}"
    return Analysis(title, recorded, config, number, _machine(task, config, number), trial)


def _machine(task: Task, config: Config, number: int) -> Machine:
    """What is known of the machine, from the command line or from the config."""
    shafts = [each.shaft for each in config.plan.calculations if each.channel == number]
    shafts += [each.shaft for each in config.plan.bursts if each.channel == number]
    speeds = [each.constant for each in shafts if each is not None and each.constant]
    given = None if task.known.shaft is None else _speed(task, task.known.shaft)
    shaft = given or next(iter(speeds), None)
    return Machine(shaft, task.known.blades, tuple(_heard(config, number, given)))


def _heard(config: Config, number: int, given: float | None) -> Iterator[Heard]:
    """The bearings of the config that are heard in a channel."""
    for bearing in config.plan.bearings:
        if bearing.channel == number:
            shaft = config.plan.calculations[bearing.calculation].shaft
            yield Heard(bearing.name, Orders(*bearing.orders), given or (shaft.constant if shaft else None) or None)


def _speed(task: Task, text: str) -> float:
    try:
        speed = Shaft.parse(text).speed
    except ValueError as error:
        raise AnalysisError(str(task.file), str(error)) from None
    if not speed:
        raise AnalysisError(str(task.file), f"{text!r} is not a speed", "write it as 1480rpm or 24.7Hz")
    return speed


def _wanted(task: Task, channels: tuple[PlannedChannel, ...]) -> int:
    """The number of the config's channel that the recording stands for."""
    waveforms = [each.name for each in channels if each.kind is Kind.WAVEFORM]
    wanted = task.channel or (waveforms[0] if len(waveforms) == 1 else None)
    if wanted is None or wanted not in waveforms:
        if not waveforms:
            raise AnalysisError(str(task.config), "it has no channel of waveforms", "a recording stands for one")
        what = f"{wanted} is no channel of waveforms" if wanted else "there are several channels of waveforms"
        raise AnalysisError(str(task.config), what, f"give --as with one of {', '.join(waveforms)}")
    return next(number for number, each in enumerate(channels) if each.name == wanted)


def _no_column(task: Task, recorded: list[Recorded]) -> list[Recorded]:
    raise AnalysisError(str(task.file), f"there is no column {task.column!r}", f"it has {_names(recorded)}")


def _names(recorded: list[Recorded]) -> str:
    return ", ".join(each.name for each in recorded)
