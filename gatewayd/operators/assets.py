"""Assets before operators: which are in maintenance; to begin and end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatewayd import clock
from gatewayd.control.door import Commands
from gatewayd.engine.alarms.standing import Maintained
from gatewayd.engine.engine import Engine
from gatewayd.model import Order
from gatewayd.operators.requests import Age, Do, OfAsset, RefusedError, Request, known, ordered, some, taking


class AssetDesk:
    """What operators ask of assets; `assets` are the sources of each."""

    def __init__(self, engine: Engine, do: Do, age: Age, assets: Mapping[str, Sequence[str]]) -> None:
        self._engine = engine
        self._do = do
        self._age = age
        self._assets = assets

    def commands(self) -> Commands:
        """Those about assets."""
        return {
            "maintenance.list": taking(Request, self._list),
            "maintenance.on": taking(OfAsset, self._begin),
            "maintenance.off": taking(OfAsset, self._end),
        }

    def standing(self) -> list[dict[str, Any]]:
        """The assets that are in maintenance."""
        return [self._told(each) for each in self._engine.maintained()]

    def _list(self, _: Request) -> dict[str, Any]:
        return {
            "maintenance": self.standing(),
            "assets": {name: list(sources) for name, sources in self._assets.items()},
        }

    def _told(self, each: Maintained) -> dict[str, Any]:
        left = None if each.until is None else max(0.0, (each.until - clock.now()) / 1e9)
        return {"asset": each.asset, "since": self._age(each.since), "left": left, "rules": list(each.rules)}

    def _begin(self, request: OfAsset) -> Sequence[str]:
        self._check(request.asset)
        self._do(ordered(Order.MAINTAIN, request.asset, request, seconds=request.seconds))
        rules = next((len(each.rules) for each in self._engine.maintained() if each.asset == request.asset), 0)
        resting = f"{rules} rule{'s' * (rules != 1)} of it do{'es' * (rules == 1)} not judge"
        return [f"{request.asset} is in maintenance: {resting}, its models learn nothing"]

    def _end(self, request: OfAsset) -> Sequence[str]:
        self._check(request.asset)
        there = [each.asset for each in self._engine.maintained()]
        if request.asset not in there:
            raise RefusedError(f"{request.asset} is not in maintenance; in maintenance are: {some(there, 'none')}")
        self._do(ordered(Order.RESUME, request.asset, request))
        return [f"{request.asset} is judged again"]

    def _check(self, asset: str) -> None:
        whole = next((name for name, sources in self._assets.items() if asset in sources and name != asset), None)
        if whole is not None and asset not in self._assets:
            raise RefusedError(f"{asset} is part of the asset {whole}: put that into maintenance")
        known(asset, self._assets, "asset")
