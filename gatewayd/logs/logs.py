"""Logging: one JSON object a line for machines, colours for a person at a terminal, always on stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from gatewayd.foreign import OURS, one_line
from gatewayd.logs.outlet import Outlet

_LEVELS = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


def configure(*, verbose: bool = False) -> None:
    """Set structlog up for where stderr goes, and lead what libraries log through it."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_for_people() if sys.stderr.isatty() else _for_machines()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", Outlet(sys.stderr.fileno(), _tell_dropped))),
        cache_logger_on_first_use=True,
    )
    lead_libraries()


def lead_libraries() -> None:
    """What libraries log with the standard library becomes events of structlog."""
    logging.basicConfig(handlers=[_LibraryHandler()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)  # of a deprecated part of the plugin interface, for one


def tracebacks_as_data() -> Processor:
    """Exceptions become data, without local variables: a password may be among them."""
    render = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))

    def guarded(logger: WrappedLogger, name: str, event: EventDict) -> Any:
        try:
            return render(logger, name, event)
        except BaseException as error:  # noqa: BLE001 - an exception of a plugin is asked what it says
            return {**event, "exception": f"cannot be told ({type(error).__name__})"}

    return guarded


def _tell_dropped(lines: int) -> None:
    structlog.get_logger().warning("log_lines_dropped", lines=lines, reason="what reads the log did not take them")


def _for_people() -> list[Processor]:
    # Without local variables: a password may be among them.
    plain = structlog.dev.plain_traceback
    colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return [
        _traceback_in_lines,
        structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=24, exception_formatter=plain),
    ]


def _for_machines() -> list[Processor]:
    render: Processor = structlog.processors.JSONRenderer(serializer=as_json)
    journal = [_journal_priority] if "JOURNAL_STREAM" in os.environ else []
    return [tracebacks_as_data(), _event_first, render, *journal]


def _traceback_in_lines(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """A traceback of another process has come as data, which is not believed."""
    told = event.get("exception", "")
    if not isinstance(told, str):
        try:
            event["exception"] = "\n".join(
                line for each in msgspec.convert(told, list[_Raised]) for line in each.lines()
            )
        except msgspec.ValidationError:
            event["exception"] = str(told)
    return event


class _Frame(msgspec.Struct):
    filename: str
    lineno: int
    name: str


class _Raised(msgspec.Struct):
    """An exception as in events for machines."""

    exc_type: str
    exc_value: str
    frames: list[_Frame]

    def lines(self) -> Iterator[str]:
        """As Python prints it, without the code."""
        for frame in self.frames:
            yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        yield f"{self.exc_type}: {self.exc_value}"


def _event_first(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    front = {key: event.pop(key) for key in ("timestamp", "level", "event")}
    return {**front, **event}


def as_json(event: EventDict, **_: Any) -> str:
    """An event as a line of JSON, whatever is in it: it may be a plugin's."""
    for encode in (_quickly, _leniently):
        try:
            return encode(event)
        except OURS:
            raise
        except BaseException:  # noqa: BLE001, S112 - foreign objects are asked what they say
            continue
    return _quickly({key: _in_words(value) for key, value in event.items()})


def _quickly(event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _leniently(event: EventDict) -> str:
    """With keys of any type, and lone surrogates, as in a file's name."""
    text = json.dumps(event, default=str, ensure_ascii=False, skipkeys=True).encode(errors="replace")
    return _quickly(json.loads(text, parse_constant=lambda _: None))


def _in_words(value: Any) -> str:
    try:
        return one_line(str(value))
    except OURS:
        raise
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        return f"cannot be told ({type(error).__name__})"


def _journal_priority(_logger: WrappedLogger, name: str, line: Any) -> str:
    """Put the level where journald looks for it."""
    return f"<{_PRIORITY.get(name, 6)}>{line}"


class _LibraryHandler(logging.Handler):
    """What asyncio, aiomqtt and others log becomes an event of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a library's record with its logger's name."""
        level = next((level for level in _LEVELS if level <= record.levelno), logging.DEBUG)
        try:
            text = record.getMessage()
            structlog.get_logger().log(
                level, "library_logged", library=record.name, text=text, exc_info=record.exc_info
            )
        except Exception:  # noqa: BLE001 - what is wrong with a log line must not be raised in the library
            self.handleError(record)
