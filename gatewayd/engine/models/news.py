"""News of models: what is told upstream when something happens to one. They are few."""

from __future__ import annotations

from gatewayd.engine.alarms.conditions import duration
from gatewayd.models.baseline import Baseline
from gatewayd.models.card import Card
from gatewayd.records import ModelEvent, ModelNews


class News:
    """Tells what happens to one model."""

    def __init__(self, model: str, channel: str, boot: str) -> None:
        self._model, self._channel, self._boot = model, channel, boot

    def tell(self, time: int, event: ModelEvent, baseline: Baseline, words: str, by: str = "") -> ModelNews:
        """`event` happened at one operating point."""
        card = baseline.card
        point = f" at {baseline.point}" if baseline.point else ""
        return ModelNews(
            boot=self._boot,
            model=self._model,
            channel=self._channel,
            event=event,
            time=time,
            point=baseline.point,
            version=0 if card is None else card.version,
            rows=0 if card is None else card.rows,
            seconds=0.0 if card is None else card.seconds,
            spread=None if card is None else card.spread,
            doubts=() if card is None else card.doubts,
            reason=f"{self._model}{point}: {words}",
            by=by,
        )

    def learned(self, time: int, baseline: Baseline, card: Card) -> ModelNews:
        """A version was learned."""
        words = f"version {card.version} is learned from {card.rows} rows ({_running(card.seconds)} of running)"
        if card.doubts:
            words += f"; it is doubtful: {'; '.join(card.doubts)}"
        return self.tell(time, ModelEvent.LEARNED, baseline, words)


def _running(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:.3g} h" if hours >= 1 else duration(round(seconds * 1e9))
