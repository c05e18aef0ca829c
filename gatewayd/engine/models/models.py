"""Models: each learns what is normal of some channels, then turns every row of them into a health score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from gatewayd.engine.derived import Derived, no_values
from gatewayd.engine.deriving.deriver import Deriver
from gatewayd.engine.latest import INTERVALS, LEAST, Row
from gatewayd.engine.models.causes import causes
from gatewayd.engine.models.memory import Memory
from gatewayd.engine.models.news import News
from gatewayd.engine.models.rest import Rest
from gatewayd.engine.models.standing import Standing
from gatewayd.engine.models.subject import subject
from gatewayd.engine.plan import Plan, PlannedModel
from gatewayd.engine.said import Said
from gatewayd.model import Command, Order, Quality
from gatewayd.models.baselines import Baselines
from gatewayd.models.card import ModelState, ModelStatus
from gatewayd.models.describing import NOTHING_MOVED
from gatewayd.models.learner import Learner
from gatewayd.models.points import Points
from gatewayd.records import Cause, ModelEvent, Saved, Stamp

SAVED_EVERY, AT_MOST_EVERY = 600_000_000_000, 60_000_000_000
"""After how many ns the progress of learning and adaptation is saved again; sooner at each tenth of what is learned."""

AT_REST, NO_SCORE = "at rest", "no score"
_NEVER = -(2**62)


class Model(Deriver):
    """One model, with a baseline for each of its operating points.

    Rows that are not later than the one before are passed over. A row does not follow the one before it after a
    silence, a rest, or at another operating point: what was made of the course of values begins anew then. Single rows
    that cannot be used are no silence.
    """

    plan: PlannedModel

    def __init__(self, planned: PlannedModel, plan: Plan, paces: Mapping[int, int], boot: str) -> None:
        self.plan = planned
        channels = [plan.channels[number] for number in planned.inputs]
        score = plan.channels[planned.outputs[0]]
        self._boot = boot
        self._channel = score.name
        self._names = [plan.channels[output].short_name for output in planned.outputs]
        self._judged = planned.judged
        self._all_good = bytes([Quality.GOOD] * planned.judged)
        self._subject = subject(planned, plan)
        point = None if planned.point is None else channels[planned.point]
        points = Points(planned.edges, point.name, point.unit) if point else Points(())
        self._baselines = Baselines(self._subject, points)
        self._rest = Rest(planned, plan, boot)
        self._memory = Memory(planned.name, self._subject.definition)
        self._news = News(planned.name, score.name, boot)
        self._silence = max(LEAST, INTERVALS * max(paces.get(number, 0) for number in planned.inputs))
        self._last = self._used = self._saved = _NEVER
        self._tenths = 0
        self._visited = {0}
        self._standing = Standing(boot)
        self._passed_over = 0
        self._score: float | None = None

    def step(self, row: Row, why: Callable[[], str], said: Said) -> Derived | None:
        """Learn from a row, or judge it, or both."""
        time = row.time
        if time <= self._last:
            self._passed_over += 1
            return None
        self._last = time
        self._save(time, said)
        rests = self._rest.why(row)
        if rests:
            self._used = _NEVER
            return self._wait(time, AT_REST, rests, said)
        if self.plan.point is not None and self._baselines.turn_to(float(row.values[self.plan.point])):
            self._used = _NEVER
            self._visited.add(self._baselines.place)
        since = time - self._used
        follows = since <= self._silence
        baseline = self._baselines.now
        if not follows:
            baseline.forget_course()
        fit = baseline.learner is not None and self._learn(baseline.learner, row, since if follows else None, said)
        if baseline.scoring is None and not fit:
            return self._wait(time, NO_SCORE, why() or "half of its channels are bad", said)
        return self._judge(row, why, said)

    def _learn(self, learner: Learner, row: Row, since: int | None, said: Said) -> bool:
        """Whether a row was fit to be learned from; when that was the last one, there is a new version."""
        stamp, fresh = Stamp(self._boot, row.time), learner.begun is None
        if not learner.push(stamp, row.values[: self._judged], row.qualities[: self._judged], since):
            return False
        self._used = row.time
        if fresh:
            self._tell(row.time, ModelEvent.LEARNING, f"learns: {learner.why}", said)
        if learner.done:
            card = self._baselines.learned(stamp)
            self._standing.learned()
            said.urgent.append(self._news.learned(row.time, self._baselines.now, card))
            said.saved += self._memory.chosen(self._baselines.place, self._baselines.now)
        return True

    def _judge(self, row: Row, why: Callable[[], str], said: Said) -> Derived:
        baseline = self._baselines.now
        if baseline.scoring is None:
            learner = baseline.learner
            words = "" if learner is None else f"learning: {learner.in_words()}"
            self._standing.enter(ModelState.LEARNING, words, row.time)
            return no_values(self.plan.outputs, self._names, row.time, words)
        out, values, qualities = np.empty(2), row.values[: self._judged], row.qualities[: self._judged]
        baseline.judge(row.time, values, qualities, out)
        score = float(out[0])
        if score != score:  # noqa: PLR0124 - NaN: there is no score
            if baseline.scoring.awaited:
                self._used = row.time
            return self._wait(row.time, NO_SCORE, baseline.scoring.awaited or why() or NOTHING_MOVED, said)
        self._score, self._used = score, row.time
        if self._standing.state is not ModelState.JUDGING:
            self._standing.enter(ModelState.JUDGING, "", row.time)
        good = qualities.tobytes() == self._all_good
        if good:
            baseline.remember(values)
        return Derived(self.plan.outputs, row.time, out, _UNCERTAIN if baseline.doubtful or not good else _GOOD)

    def _wait(self, time: int, what: str, why: str, said: Said) -> Derived:
        """There is nothing to learn from or to judge."""
        self._score = None
        self._standing.enter(ModelState.WAITING, why, time)
        if self._baselines.now.learner is not None and self._standing.is_news(time):
            self._tell(time, ModelEvent.WAITING, f"waits for something to learn from: {why}", said)
        return no_values(self.plan.outputs, self._names, time, f"{what}: {why}")

    def command(self, command: Command, said: Said) -> None:
        """Do what an operator orders of it; what cannot be done leaves everything as it is."""
        said.saved += filter(None, [self._rest.ordered(command)])
        if command.subject != self.plan.name:
            return
        if command.order is Order.RELEARN:
            self._relearn(command, said)
        elif command.order in (Order.FREEZE, Order.THAW):
            self._freeze(command, said)
        elif command.order is Order.ACCEPT:
            self._accept(command, said)
        elif command.order is Order.ROLLBACK:
            self._roll_back(command, said)

    def _relearn(self, command: Command, said: Said) -> None:
        self._baselines.relearn(_ordered(command))
        self._standing.learned()
        for place, baseline in enumerate(self._baselines.all):
            said.saved += self._memory.progress(place, baseline)

    def _freeze(self, command: Command, said: Said) -> None:
        frozen = command.order is Order.FREEZE
        if frozen is self._baselines.frozen:
            return
        self._baselines.freeze(frozen=frozen)
        said.saved.append(self._memory.frozen(frozen=frozen))
        event = ModelEvent.FROZEN if frozen else ModelEvent.THAWED
        words = "no longer follows slow drift" if frozen else "follows slow drift again"
        self._tell(command.time, event, words, said, command.by)

    def _accept(self, command: Command, said: Said) -> None:
        """Accept the version in force if it is doubted and nothing stands out; else what is seen now, if any."""
        baselines, score = self._baselines, self._score
        as_it_is = baselines.now.doubtful and not (score is not None and score > 1.0)
        if score is None and not as_it_is:
            return
        card = baselines.accept(Stamp(self._boot, command.time), _ordered(command), rebase=not as_it_is)
        if card is not None:
            words = f"version {card.version} is accepted as normal"
            self._tell(command.time, ModelEvent.ACCEPTED, words, said, command.by)
            said.saved += self._memory.chosen(baselines.place, baselines.now)

    def _roll_back(self, command: Command, said: Said) -> None:
        place = self._baselines.roll_back(command.version)
        if place is not None:
            baseline = self._baselines.all[place]
            words = f"version {baseline.card.version if baseline.card else 0} is in force again"
            event = ModelEvent.ROLLED_BACK
            said.urgent.append(self._news.tell(command.time, event, baseline, words, command.by))
            said.saved += self._memory.chosen(place, baseline)

    def explain(self, output: int) -> tuple[Cause, ...]:
        """What moved the last score, or at the last change point."""
        scoring = self._baselines.now.scoring
        if scoring is None or self._score is None:
            return ()
        shares = scoring.explain() if output == self.plan.outputs[0] else scoring.explain_change()
        return causes(shares, self._subject, self._boot)

    def status(self) -> ModelStatus:
        """How it stands now."""
        baseline, standing = self._baselines.now, self._standing
        card, learner, scoring = baseline.card, baseline.learner, baseline.scoring
        return ModelStatus(
            name=self.plan.name,
            channel=self._channel,
            state=standing.state,
            why=standing.why or ("" if learner is None else f"learning: {learner.in_words()}"),
            since=standing.since,
            point=baseline.point,
            points=tuple(self._baselines.statuses()),
            version=0 if card is None else card.version,
            progress=None if learner is None else learner.progress,
            score=self._score,
            causes=self.explain(self.plan.outputs[0]),
            adapted=0.0 if scoring is None else scoring.adapted,
            frozen=self._baselines.frozen,
            doubts=card.doubts if card is not None and card.doubtful else (),
            versions=tuple(self._baselines.cards()),
            passed_over=self._passed_over,
        )

    def state(self, time: int) -> Iterator[Saved]:
        """How far learning and adaptation are."""
        yield self._rest.state(time)
        for place, baseline in enumerate(self._baselines.all):
            yield from self._memory.progress(place, baseline)

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:
        """Go on with what was saved; what was learned of other channels, or cannot be read, is learned anew."""
        self._rest.restore(saved, time)
        for place, baseline in enumerate(self._baselines.all):
            if why := self._memory.restore(place, baseline, saved):
                self._baselines.begin_anew(place, why)
        self._baselines.freeze(frozen=self._memory.was_frozen(saved))

    def take_over(self, before: Model) -> None:
        """Go on in the middle of the course of the rows of the same model, of an engine that is not used any more.

        One that learns or judges in another way has restored what there is for it.
        """
        if before._subject != self._subject:
            return
        self._baselines, self._standing = before._baselines, before._standing
        self._last, self._used, self._score = before._last, before._used, before._score
        self._saved, self._tenths, self._visited = before._saved, before._tenths, before._visited
        self._passed_over = before._passed_over

    def _tell(self, time: int, event: ModelEvent, words: str, said: Said, by: str = "") -> None:
        """Tell upstream what happened at the present operating point."""
        said.urgent.append(self._news.tell(time, event, self._baselines.now, words, by))

    def _save(self, time: int, said: Said) -> None:
        """Save at times what would be lost at a crash."""
        due = self._rest.due(time)
        if due is not None:
            said.saved.append(due)
        if self._saved == _NEVER:
            self._saved = time
        tenths = self._tenths if time - self._saved < AT_MOST_EVERY else self._baselines.tenths()
        if tenths != self._tenths or time - self._saved >= SAVED_EVERY:
            self._saved, self._tenths = time, tenths
            for place in sorted(self._visited):
                said.saved += self._memory.progress(place, self._baselines.all[place])
            self._visited = {self._baselines.place}


_GOOD = np.full(2, Quality.GOOD, dtype=np.uint8)
_UNCERTAIN = np.full(2, Quality.UNCERTAIN, dtype=np.uint8)
_GOOD.flags.writeable = _UNCERTAIN.flags.writeable = False


def _ordered(command: Command) -> str:
    """Why there is a version that an operator ordered."""
    by = f" by {command.by}" if command.by else ""
    return f"ordered{by}{f': {command.why}' if command.why else ''}"
