"""Surveys: when a device refuses a request, what of it? Halves of it are asked for until that is known.

All of that is done within the poll that met the refusal, with a bounded number of questions. What it finds is kept as
experience, for which the next poll is planned; if it has found nothing yet, the next poll begins with the pieces.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.learning.experience import Experience
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import PlannedRequest, Request, around, whole

Ask = Callable[[Request], Awaitable[bytes | Refused]]
Piece = tuple[PlannedRequest, bytes | Refused]
"""A request and what came of it."""

MOST_QUESTIONS = 24
"""Requests that a poll makes besides its own, at most: enough for one wrong value among a hundred, and a hole."""
MOST_SECONDS = 3.0
"""After so long it asks no further: others wait for the line."""
BIT_STEP = 8


class Survey:
    """Looks into the refusals of one poll, which it asks about with `ask`."""

    def __init__(self, ask: Ask, experience: Experience, now: Callable[[], float]) -> None:
        self._ask = ask
        self._experience = experience
        self._now = now
        self._left = MOST_QUESTIONS
        self._end = 0.0

    async def look_into(self, planned: PlannedRequest, refusal: Refused) -> Sequence[Piece]:
        """What can be had of a request that was refused, in pieces; a single value that is refused is noted."""
        halves = parted(planned)
        if not halves:
            self._experience.refused(planned.request, refusal.code, self._now())
            return [(planned, refusal)]
        is_explained = self._is_too_long(planned.request)
        pieces: list[Piece] = []
        for half in halves:
            given = await self._have(half, refusal)
            is_explained |= given[0][0] is not half or isinstance(given[0][1], Refused)
            pieces += given
        if not is_explained:
            await self._explain(planned.request, [half.request for half in halves], refusal)
        return pieces

    async def _have(self, half: PlannedRequest, refusal: Refused) -> Sequence[Piece]:
        """What can be had of half of a request that was refused; the same refusal when there is no time to ask."""
        if self.is_over:
            return [(half, refusal)]
        if self._is_too_long(half.request) and parted(half):
            return await self.look_into(half, refusal)
        answer = await self._question(half.request)
        if isinstance(answer, Refused) and answer.by_address:
            return await self.look_into(half, answer)
        return [(half, answer)]

    def _is_too_long(self, request: Request) -> bool:
        bound = self._experience.bounds.get(request.table)
        return bound is not None and request.count > bound.count

    @property
    def is_over(self) -> bool:
        """Whether there is no time for further questions."""
        if not self._end:
            self._end = self._now() + MOST_SECONDS
        return self._left == 0 or self._now() > self._end

    async def _question(self, request: Request) -> bytes | Refused:
        self._left -= 1
        return await self._ask(request)

    async def _explain(self, request: Request, halves: Sequence[Request], refusal: Refused) -> None:
        """Both halves of it were answered: if it is refused again, that is for the hole between them, or its length."""
        if self.is_over or not await self._is_refused(request):
            return
        one, two = halves
        longest = max(half.count for half in halves)
        if two.address <= one.end:
            await self._bound(request, longest)
            return
        hole = Request(request.table, one.end, two.address - one.end)
        longest = max(longest, self._experience.longest_answered(request.table))
        if request.count <= longest or self.is_over or await self._is_refused(hole):
            self._experience.barred(hole, refusal.code, self._now())
        else:
            await self._bound(request, longest)

    async def look_into_block(self, block: Request, length: int) -> None:
        """A block of numbers, each `length` entries long, was refused: find out whether it is too long."""
        if await self._is_refused(Request(block.table, block.address, length)):
            return
        longest = await self._longest(block, length)
        behind = Request(block.table, block.address + longest // length * length, length)
        if not await self._is_refused(behind):  # so it is not for an address in it
            self._experience.bounded(block.table, longest, self._now())

    async def _bound(self, request: Request, answered: int) -> None:
        self._experience.bounded(request.table, await self._longest(request, answered), self._now())

    async def _is_refused(self, request: Request) -> bool:
        return isinstance(await self._question(request), Refused)

    async def _longest(self, request: Request, answered: int) -> int:
        """The longest request that is answered: `answered` entries are, those of `request` are too many."""
        step = BIT_STEP if request.table.of_bits else 1
        refused = request.count
        while not self.is_over and refused - answered > step:
            middle = (answered + refused) // 2 // step * step
            if middle <= answered:
                break
            if await self._is_refused(Request(request.table, request.address, middle)):
                refused = middle
            else:
                answered = middle
        return answered


def parted(planned: PlannedRequest) -> Sequence[PlannedRequest]:
    """A request in two halves, between which no value is split; none if all of its values lie in one place."""
    places = sorted({whole(each) for each in planned.fields.values()}, key=lambda place: (place.address, place.end))
    if len(places) < 2:
        return ()
    middle = places[len(places) // 2]
    halves: tuple[dict[str, Field], dict[str, Field]] = ({}, {})
    for name, each in planned.fields.items():
        halves[(each.address, each.end) >= (middle.address, middle.end)][name] = each
    return [around(half) for half in halves]
