"""Foreign words: what plugins say and raise, as text that can be logged, stored and sent."""

from __future__ import annotations

OURS = (KeyboardInterrupt, GeneratorExit)
"""What must pass wherever foreign code is called. All else that it raises is its own, whatever class that is: an
extension in Rust that panics raises a BaseException. Where it is awaited there is CancelledError besides, which is ours
if we have cancelled: only `Calls` awaits it."""
LONGEST = 200
"""Characters of a reason that are kept: it travels with every value that it explains."""


def encodable(text: str) -> str:
    """A text as a plain `str` that UTF-8 can hold; lone surrogates, as in names of files, are spelt out."""
    return text.encode(errors="backslashreplace").decode()


def one_line(text: str) -> str:
    """The same on one line of reasonable length."""
    line = encodable(" ".join(text.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def said(error: BaseException) -> str:
    """What an exception says, on one line; nothing if it cannot say it."""
    try:
        return one_line(str(error))
    except OURS:
        raise
    except BaseException:  # noqa: BLE001 - it is foreign code that puts its text together
        return ""


def raised(error: BaseException) -> str:
    """The same after the exception's kind."""
    return one_line(f"{type(error).__name__}: {said(error)}".removesuffix(": "))
