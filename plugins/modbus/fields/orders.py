"""Orders: how the bytes of a number lie in registers, as manuals name it."""

from __future__ import annotations

import enum
import functools
from collections.abc import Sequence

from gatewayd.plugin import OptionError

LETTERS = "ABCDEFGH"


class ByteOrder(enum.StrEnum):
    """The names that hold for a number of any size. A is its most significant byte."""

    ABCD = "ABCD"
    DCBA = "DCBA"
    BADC = "BADC"
    CDAB = "CDAB"


NAMES = frozenset(ByteOrder)


def check_order(order: str, size: int, path: Sequence[str]) -> None:
    """Raise OptionError for what is no order of the bytes of a number of `size` bytes."""
    if order in NAMES:
        return
    letters = LETTERS[:size] if size <= len(LETTERS) else ""
    where, names = [*path, "byte_order"], ", ".join(ByteOrder)
    whole = f', or each letter of "{letters}" once' if len(letters) > len(ByteOrder.ABCD) else ""
    fix = f"give one of {names}{whole}"
    if sorted(order) != list(letters):
        raise OptionError(where, f"{order!r} is no order of the bytes of a number of {8 * size} bits", fix)
    pairs = [
        (letters.index(first), letters.index(second)) for first, second in zip(order[::2], order[1::2], strict=True)
    ]
    for first, second in pairs:
        if first // 2 != second // 2:
            what = f"in {order!r} a register holds {letters[first]} and {letters[second]}, which are no neighbours"
            raise OptionError(where, what, "the two bytes of a register stay together: AB or BA, CD or DC, ...")
    if len({first < second for first, second in pairs}) > 1:
        raise OptionError(where, f"{order!r} swaps the bytes of some registers only", fix)


@functools.cache
def places(order: str, size: int) -> tuple[int, ...]:
    """Where the bytes of a number of `size` bytes lie in registers, the most significant first."""
    if order not in NAMES:
        return tuple(order.index(letter) for letter in LETTERS[:size])
    found = list(range(size))
    if order in {ByteOrder.DCBA, ByteOrder.CDAB}:
        found = [place for word in range(size - 2, -1, -2) for place in found[word : word + 2]]
    if order in {ByteOrder.DCBA, ByteOrder.BADC}:
        found = [place ^ 1 for place in found]
    return tuple(found)
