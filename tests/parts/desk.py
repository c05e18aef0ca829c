"""Operators before a small engine: what they order is fed to it."""

from small_engine import SmallEngine

from gatewayd.errors import GatewaydError
from gatewayd.operators import Operators


class Desk:
    """Asks and orders as through the control socket; `engine` keeps all that is told."""

    def __init__(self, *rules, assets=None, **plan):
        self.engine = SmallEngine(*rules, **plan)
        self.now = 0.0
        self.fed = []
        operators = Operators(self.engine.engine, self._do, self._age, assets or {"pump1": ("pump1",)})
        self.commands = operators.commands()

    def _do(self, command):
        self.fed.append(command)
        return self.engine.feed(command)

    def _age(self, stamp):
        return None if stamp.boot != "boot-1" else self.now - stamp.time / 1e9

    def ask(self, command, **arguments):
        return self.commands[command](arguments)

    def refusal(self, command, **arguments):
        """Why it is refused."""
        before = len(self.fed)
        try:
            answer = self.ask(command, **arguments)
        except GatewaydError as error:
            assert len(self.fed) == before, "what is refused must not reach the engine"
            return str(error)
        raise AssertionError(answer)
