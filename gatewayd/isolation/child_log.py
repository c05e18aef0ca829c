"""The child's log: its events go to the gateway, which logs them as if they were its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NoReturn

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

from gatewayd.foreign import encodable
from gatewayd.isolation.messages import Message, Told
from gatewayd.logs import as_json

Send = Callable[[Message], None]


def forward_logs(send: Send) -> None:
    """Set structlog up, and lead what libraries log through it."""

    def forward(_logger: WrappedLogger, level: str, event: EventDict) -> NoReturn:
        send(Told(level, encodable(str(event.pop("event", ""))), as_json(event)))
        raise structlog.DropEvent

    structlog.configure(
        processors=[ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), forward],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


class _Libraries(logging.Handler):
    """What libraries log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a library's record with its logger's name."""
        try:
            text = record.getMessage()
            structlog.get_logger().log(record.levelno, "library_logged", library=record.name, text=text)
        except Exception:  # noqa: BLE001 - what is wrong with a log line must not be raised in the library
            self.handleError(record)
