"""Foreign words: what plugins say and raise, as text that can be logged, stored and sent."""

from __future__ import annotations

LONGEST = 200
"""Characters of a reason that are kept: it travels with every value that it explains."""


def encodable(text: str) -> str:
    """A text as a plain `str` that UTF-8 can hold; lone surrogates, as in names of files, are spelt out."""
    return text.encode(errors="backslashreplace").decode()


def one_line(text: str) -> str:
    """The same on one line of reasonable length."""
    line = encodable(" ".join(text.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
