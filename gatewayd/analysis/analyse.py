"""The whole of an analysis: read a recording, try it on a config, look at its spectra."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gatewayd.analysis.machine import Machine
from gatewayd.analysis.recording import Recorded, read
from gatewayd.analysis.report import Analysis
from gatewayd.analysis.settings import Known, settings
from gatewayd.analysis.trial import play
from gatewayd.config import Config, load
from gatewayd.config.rotation import Shaft
from gatewayd.engine.plan import PlannedChannel
from gatewayd.errors import AnalysisError
from gatewayd.features.bearings.geometry import Orders
from gatewayd.model import Kind


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
    if task.known.bearing is not None and task.known.shaft is None:
        raise AnalysisError(str(task.file), "a bearing is judged by the speed of its shaft", "give --shaft 1480rpm")
    if task.config is None:
        return [_analysed(task, each, settings(task.file, each, task.known), 0) for each in recorded]
    if len(recorded) > 1:
        raise AnalysisError(str(task.file), f"it has the columns {_names(recorded)}", "choose one with --column")
    config = load(task.config)
    number = _wanted(task, config.plan.channels)
    heard = Recorded(recorded[0].name, recorded[0].values, recorded[0].rate, config.plan.channels[number].unit)
    return [_analysed(task, heard, config, number)]


def _analysed(task: Task, recorded: Recorded, config: Config, number: int) -> Analysis:
    given = task.known.shaft if task.config is not None else None
    trial = play(config, number, recorded, None if given is None else _speed(task, given))
    title = task.file.name if task.column is None else f"{task.file.name}: {recorded.name}"
    return Analysis(title, recorded, config, number, _machine(task, config, number), trial)


def _machine(task: Task, config: Config, number: int) -> Machine:
    """What is known of the machine, from the command line or from the config."""
    bearing = next((each for each in config.plan.bearings if each.channel == number), None)
    shafts = [each.shaft for each in config.plan.calculations if each.channel == number]
    shafts += [each.shaft for each in config.plan.bursts if each.channel == number]
    speeds = [each.constant for each in shafts if each is not None and each.constant]
    given = None if task.known.shaft is None else _speed(task, task.known.shaft)
    shaft = given or next(iter(speeds), None)
    return Machine(shaft, task.known.blades, Orders(*bearing.orders) if bearing else None)


def _speed(task: Task, text: str) -> float:
    try:
        return Shaft.parse(text).speed
    except ValueError as error:
        raise AnalysisError(str(task.file), str(error)) from None


def _wanted(task: Task, channels: tuple[PlannedChannel, ...]) -> int:
    """The number of the config's channel that the recording stands for."""
    waveforms = [each.name for each in channels if each.kind is Kind.WAVEFORM]
    wanted = task.channel or (waveforms[0] if len(waveforms) == 1 else None)
    if wanted is None or wanted not in waveforms:
        what = "is no channel of waveforms in the config" if wanted else "which channel of the config it stands for?"
        fix = f"give --as with one of {', '.join(waveforms)}" if waveforms else "the config has no channel of waveforms"
        raise AnalysisError(str(task.file), f"{wanted or ''} {what}".strip(), fix)
    return next(number for number, each in enumerate(channels) if each.name == wanted)


def _no_column(task: Task, recorded: list[Recorded]) -> list[Recorded]:
    raise AnalysisError(str(task.file), f"there is no column {task.column!r}", f"it has {_names(recorded)}")


def _names(recorded: list[Recorded]) -> str:
    return ", ".join(each.name for each in recorded)
