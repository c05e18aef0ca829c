"""The door for operators: one desk each for alarms, models and assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewayd.control.door import Commands
from gatewayd.engine.engine import Engine
from gatewayd.operators.alarms import AlarmDesk
from gatewayd.operators.assets import AssetDesk
from gatewayd.operators.channels import ChannelDesk
from gatewayd.operators.models import ModelDesk
from gatewayd.operators.requests import Age, Do


class Operators:
    """All desks. `do` feeds the engine with a command, `age` tells how long ago something was."""

    def __init__(self, engine: Engine, do: Do, age: Age, assets: Mapping[str, Sequence[str]]) -> None:
        self.alarms = AlarmDesk(engine, do, age)
        self.models = ModelDesk(engine, do, age)
        self.assets = AssetDesk(engine, do, age, assets)
        self.channels = ChannelDesk(engine)

    def commands(self) -> Commands:
        """All that operators can ask and order."""
        desks = self.alarms, self.models, self.assets, self.channels
        return {name: command for desk in desks for name, command in desk.commands().items()}
