"""The ledger: proves by sequence numbers that no message is missing, and counts those that came twice."""

from __future__ import annotations

from collections import defaultdict


class Ledger:
    """The sequence numbers that arrived, by epoch and message class."""

    def __init__(self) -> None:
        self.duplicates = 0
        self._seen: defaultdict[tuple[str, str], set[int]] = defaultdict(set)

    def enter(self, epoch: str, message_class: str, number: int) -> bool:
        """Note a message; False when it came before."""
        seen = self._seen[epoch, message_class]
        if number in seen:
            self.duplicates += 1
            return False
        seen.add(number)
        return True

    @property
    def missing(self) -> int:
        """How many numbers below the highest of their class never came; numbers begin with 1."""
        return sum(max(seen) - len(seen) for seen in self._seen.values())
