"""Models before operators: how they stand, their cards; to relearn, freeze, thaw, accept, and roll back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from gatewayd.control.door import Commands
from gatewayd.engine.engine import Engine
from gatewayd.model import Order
from gatewayd.models.card import Card as ModelCard
from gatewayd.models.card import ModelStatus
from gatewayd.operators.requests import Age, Card, Do, OfModel, RefusedError, Request, known, ordered, taking, told


class ModelDesk:
    """What operators ask of models."""

    def __init__(self, engine: Engine, do: Do, age: Age) -> None:
        self._engine = engine
        self._do = do
        self._age = age

    def commands(self) -> Commands:
        """Those about models."""
        return {
            "model.status": taking(Request, self._list),
            "model.card": taking(Card, self._card),
            "model.relearn": taking(OfModel, self._relearn),
            "model.freeze": taking(OfModel, lambda request: self._freeze(request, frozen=True)),
            "model.thaw": taking(OfModel, lambda request: self._freeze(request, frozen=False)),
            "model.accept": taking(OfModel, self._accept),
            "model.rollback": taking(OfModel, self._roll_back),
        }

    def standing(self) -> list[dict[str, Any]]:
        """How each model stands, with the numbers of its versions instead of their cards."""
        return [self._status(each) for each in self._engine.models()]

    def _list(self, _: Request) -> list[dict[str, Any]]:
        return self.standing()

    def _status(self, status: ModelStatus) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(status)
        plain["since"] = None if status.since is None else self._age(status.since)
        for cause, of in zip(plain["causes"], status.causes, strict=True):
            cause["since"] = None if of.since is None else self._age(of.since)
        plain["versions"] = [card.version for card in status.versions]
        card = _in_force(status)
        plain["learned"] = None if card is None else self._age(card.learned)
        return plain

    def _card(self, request: Card) -> dict[str, Any]:
        status = self._find(request.model)
        number = request.version or status.version
        card = _version(status, number)
        plain: dict[str, Any] = msgspec.to_builtins(card)
        plain.update(begun=self._age(card.begun), learned=self._age(card.learned))
        return {"model": status.name, "in_force": number == status.version, "doubtful": card.doubtful, **plain}

    def _relearn(self, request: OfModel) -> Sequence[str]:
        status = self._find(request.model)
        words = told(self._do(ordered(Order.RELEARN, request.model, request)))
        until = f"; version {status.version} stays in force until then" if status.version else ""
        return words or [f"{request.model} learns anew{until}"]

    def _freeze(self, request: OfModel, *, frozen: bool) -> Sequence[str]:
        if self._find(request.model).frozen is frozen:
            raise RefusedError(f"{request.model} is {'frozen already' if frozen else 'not frozen'}")
        order = Order.FREEZE if frozen else Order.THAW
        return self._done(request, order, "frozen" if frozen else "thawed")

    def _accept(self, request: OfModel) -> Sequence[str]:
        status = self._find(request.model)
        if not status.version:
            raise RefusedError(f"{request.model} has learned nothing yet that could be accepted")
        words = told(self._do(ordered(Order.ACCEPT, request.model, request)))
        if not words:
            why = status.why or "it has judged too few rows of the present state, ask again in a while"
            raise RefusedError(f"{request.model} cannot accept anything now: {why}")
        return words

    def _roll_back(self, request: OfModel) -> Sequence[str]:
        status = self._find(request.model)
        if not request.version:
            if not [card for card in status.versions if card.point == status.point and card.version < status.version]:
                raise RefusedError(f"{request.model} has no version before {status.version or 'the first one'}")
        else:
            _version(status, request.version)
            if any(point.version == request.version for point in status.points):
                raise RefusedError(f"version {request.version} of {request.model} is in force already")
        return self._done(request, Order.ROLLBACK, "rolled back")

    def _done(self, request: OfModel, order: Order, done: str) -> Sequence[str]:
        words = told(self._do(ordered(order, request.model, request, version=request.version)))
        return words or [f"{request.model} is {done}"]

    def _find(self, name: str) -> ModelStatus:
        models = {each.name: each for each in self._engine.models()}
        known(name, models, "model")
        return models[name]


def _in_force(status: ModelStatus) -> ModelCard | None:
    return next((card for card in status.versions if card.version == status.version), None)


def _version(status: ModelStatus, number: int) -> ModelCard:
    card = next((card for card in status.versions if card.version == number), None)
    if card is None:
        versions = ", ".join(str(each.version) for each in status.versions)
        which = f"has no version {number}; it has {versions}" if versions else "has learned nothing yet"
        raise RefusedError(f"{status.name} {which}")
    return card
