"""Standard output: when it cannot be written, that is told in one line, also of what is written at the end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputError(click.ClickException):
    """What was to be said could not be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written ({error.strerror})")


class _Output(io.FileIO):
    """The file of standard output. What fails is told once: what is still in a buffer then goes nowhere."""

    _failed = False

    def write(self, content: ReadableBuffer, /) -> int:
        size = memoryview(content).nbytes
        if self._failed or not size:  # click tries out what can be written with nothing
            return size
        try:
            return super().write(content)
        except BrokenPipeError:
            self._failed = True
            raise
        except OSError as error:
            self._failed = True
            raise OutputError(error) from error


def spoken(command: Callable[[], object]) -> None:
    """Do a command, and exit as it does; with 1 when not all that it said could be written."""
    output = sys.stdout
    if isinstance(output, io.TextIOWrapper) and output is sys.__stdout__:  # neither closed nor somebody's that calls us
        sys.stdout = _opened(output)
    try:
        command()
        code = None
    except SystemExit as end:
        code = end.code
    sys.exit(code or _rest())


def _opened(output: io.TextIOWrapper) -> io.TextIOWrapper:
    """The same in all, but that it fails with our error."""
    raw = _Output(output.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        raw if output.write_through else io.BufferedWriter(raw),  # `python -u` has no buffer
        output.encoding,
        output.errors,
        line_buffering=output.line_buffering,
        write_through=output.write_through,
    )


def _rest() -> int:
    """Write what is still to be written; gives the exit code."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return 1
    except OutputError as error:
        error.show()
        return error.exit_code
    return os.EX_OK
