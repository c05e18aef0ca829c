"""Sources: everything that is polled, on schedule and each for itself, on its way into the engine."""

from gatewayd.sources.accounts import Accounts, OwnProcess, by_plugin
from gatewayd.sources.errands import ErrandError
from gatewayd.sources.field import Field
from gatewayd.sources.memories import Memories
from gatewayd.sources.polling import Polling
from gatewayd.sources.status import SourceStatus, State

__all__ = [
    "Accounts",
    "ErrandError",
    "Field",
    "Memories",
    "OwnProcess",
    "Polling",
    "SourceStatus",
    "State",
    "by_plugin",
]
