"""Sources: everything that is polled, on schedule and each for itself, on its way into the engine."""

from gatewayd.sources.calling.accounts import Accounts, OwnProcess, by_plugin
from gatewayd.sources.field import Field
from gatewayd.sources.health.status import SourceStatus, State
from gatewayd.sources.lines.errands import ErrandError
from gatewayd.sources.memory.memories import Memories
from gatewayd.sources.polling import Polling
from gatewayd.sources.way import Numbers

__all__ = [
    "Accounts",
    "ErrandError",
    "Field",
    "Memories",
    "Numbers",
    "OwnProcess",
    "Polling",
    "SourceStatus",
    "State",
    "by_plugin",
]
