"""The child's log: its events go to the gateway, which logs them as if they were its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import msgspec
import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

from gatewayd.isolation.messages import Message, Told

Send = Callable[[Message], None]


def forward_logs(send: Send) -> None:
    """Set structlog up, and lead what libraries log through it."""

    def forward(_logger: WrappedLogger, level: str, event: EventDict) -> NoReturn:
        send(Told(level, str(event.pop("event", "")), _plain(event)))
        raise structlog.DropEvent

    structlog.configure(
        processors=[ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), forward],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as what a message can carry."""
    plain: dict[str, Any] = msgspec.to_builtins(dict(fields), enc_hook=str, str_keys=True)
    return plain


class _Libraries(logging.Handler):
    """What libraries log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a library's record with its logger's name."""
        try:
            text = record.getMessage()
            structlog.get_logger().log(record.levelno, "library_logged", library=record.name, text=text)
        except Exception:  # noqa: BLE001 - what is wrong with a log line must not be raised in the library
            self.handleError(record)
