"""The child's log: its events go to the gateway, which logs them as if they were its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NoReturn

import structlog
from structlog.typing import EventDict, WrappedLogger

from gatewayd.foreign import encodable
from gatewayd.isolation.messages import Message, Told
from gatewayd.logs.logs import as_json, lead_libraries, tracebacks_as_data


def forward_logs(send: Callable[[Message], None]) -> None:
    """Set structlog up, and lead what libraries log through it."""

    def forward(_logger: WrappedLogger, level: str, event: EventDict) -> NoReturn:
        send(Told(level, encodable(str(event.pop("event", ""))), as_json(event)))
        raise structlog.DropEvent

    structlog.configure(
        processors=[tracebacks_as_data(), forward],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    lead_libraries()
