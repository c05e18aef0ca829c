"""Models: each `[models.NAME]` table becomes a health score of some channels, and change points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.rules import NOT
from gatewayd.config.judging.settings import Model
from gatewayd.config.kinds import Extent
from gatewayd.config.reader import mentioned, read_table
from gatewayd.config.words import quoted, spell
from gatewayd.engine.plan import PlannedChannel, PlannedModel
from gatewayd.models.learner import FEWEST

MOST = 32
"""Channels of one model."""
LONG_ENOUGH = Extent(samples=FEWEST)
"""What stands for a `learn` that is missing."""
MARKED = (".fault",)
UNFIT = ("asset", "health", "trend")
"""What the names of channels end or begin with that tell of a machine, and are no part of what it does."""

Fault = tuple[str, str, str]
"""A key of a model, what is wrong with it, and what would be right."""


class ModelTables:
    """Enters tables of models into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Model] = {}
        self._draft = draft

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan one model."""
        draft, called, before = self._draft, f"health.{name}", len(place.findings)
        table = read_table(raw, Model, place, {"channels": (), "learn": LONG_ENOUGH}).record
        if table is not None:
            self.settings[name] = table
            for key, what, fix in _faults(table, mentioned(raw, Model)):
                place.at(key).wrong(what, fix)
            self._learn(name, table, place)
        if table is None or any(finding.fatal for finding in place.findings[before:]):
            draft.faulty.add(called)
        elif called not in draft.numbers and len(place.findings) > before:
            draft.gone |= dict.fromkeys((called, f"{called}.change"), place.findings[before].what)

    def _learn(self, name: str, table: Model, place: Place) -> None:
        draft, before = self._draft, len(place.findings)
        behind = self._behind(table, place)
        found = draft.judged(table.channels, place.at("channels"), place.table)
        judged = sorted(self._fit(found, behind, table, place), key=lambda number: draft.channels[number].name)
        if len(place.findings) > before or not judged or None in behind.values():
            return
        for key, what, fix in self._misfits(table, judged):
            place.at(key).wrong(what, fix)
        if len(place.findings) == before:
            self._plan(
                name, table, judged, {key: number for key, number in behind.items() if number is not None}, place
            )

    def _behind(self, table: Model, place: Place) -> dict[str, int | None]:
        """The channels that guide it, by the key that names them; those that cannot be found are noted."""
        gate = None if table.while_ is None else table.while_.removeprefix(NOT).strip()
        named = {"while": gate, "by": table.by}
        return {
            key: self._draft.find(name, place.at(key), place.table) for key, name in named.items() if name is not None
        }

    def _fit(self, found: list[int], behind: dict[str, int | None], table: Model, place: Place) -> Iterator[int]:
        """Those of the channels found that can be judged; others are passed over, unless they are named."""
        guides = {number: key for key, number in behind.items()}
        for number in found:
            name = self._draft.channels[number].name
            told = name.partition(".")[0] in UNFIT or name.endswith(MARKED)
            if not told and number not in guides:
                yield number
            elif name in table.channels:
                at = place.at("channels", table.channels.index(name))
                what = f"{quoted(name)} is a verdict on the machine" if told else f"{quoted(name)} guides the model"
                at.wrong(
                    f"{what}, it cannot be judged",
                    "take it out" if told else f"it is its {guides[number]}; take it out",
                )

    def _misfits(self, table: Model, judged: list[int]) -> Iterator[Fault]:
        """What does not suit the channels."""
        if len(judged) > MOST:
            what = f"{len(judged)} channels match, a model can have {MOST}"
            yield "channels", what, "make models of channels that belong together"
        slowest = max(judged, key=lambda number: self._draft.paces[number])
        pace, span = self._draft.paces[slowest], table.learn.time.nanoseconds
        if span and span < FEWEST * pace:
            name = self._draft.channels[slowest].name
            what = f"learn = {spell(span)} is too short: {name} has a value every {spell(pace)}"
            yield "learn", what, f'{FEWEST} rows are needed at least: write learn = "{spell(FEWEST * pace)}" or more'

    def _plan(self, name: str, table: Model, judged: list[int], guides: dict[str, int], place: Place) -> None:
        draft = self._draft
        sources = {draft.channels[number].source for number in judged}
        assets = {draft.assets.get(source, source) for source in sources}
        asset = assets.pop() if len(assets) == 1 else ""
        steady = draft.numbers.get(f"asset.{asset}.steady") if table.while_ is None else None
        if steady is not None:
            guides = {**guides, "steady": steady}
        inputs = (*judged, *dict.fromkeys(guides.values()))
        places = {key: len(judged) + inputs[len(judged) :].index(number) for key, number in guides.items()}
        draft.derivers.append(
            PlannedModel(
                name=name,
                inputs=inputs,
                outputs=self._derive(name, judged, place),
                span=table.learn.time.nanoseconds,
                rows=table.learn.samples,
                gate=places.get("while"),
                inverted=(table.while_ or "").startswith(NOT),
                steady=places.get("steady"),
                point=places.get("by"),
                edges=table.bins or (),
                sensitive=table.sensitivity == "sensitive",
                adapt=table.adapt,
                asset=asset,
            )
        )

    def _derive(self, name: str, judged: list[int], place: Place) -> tuple[int, int]:
        draft, pace = self._draft, max(self._draft.paces[number] for number in judged)
        source = draft.channels[judged[0]].source
        derived = [PlannedChannel(f"health.{name}{end}", "1", source, derived=True) for end in ("", ".change")]
        score, change = (draft.derive(each, pace, place.table, place) for each in derived)
        return score, change


def _faults(table: Model, given: set[str]) -> Iterator[Fault]:
    """Keys that do not go together."""
    if table.by is not None and "bins" not in given:
        yield "by", "by needs the edges of its operating points", "add bins = [...], such as [1000, 2000]"
    elif table.bins is not None and "by" not in given:
        yield "bins", "bins has no meaning without by", 'add by = "...", the channel whose values they divide'
