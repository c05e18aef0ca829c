"""Arithmetic: the operators and functions of formulas, and programs of them in reverse Polish notation.

A program is a tuple of numbers, which are pushed onto a stack; `"$0"` for the first input, `"$1"` for the second;
operators and functions, which take their values from the stack; and two jumps, with the place in the program where it
goes on: `"unless 7"` takes a value off and jumps if it is 0, `"goto 9"` jumps. So what is not asked for (the other
branch of an `if`, the rest of an `and`) is not worked out and cannot fail.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence

Program = tuple[float | str, ...]

Step = tuple[int, float, int, Callable[..., float] | None]
"""What is done (see `PUSH` and so on), with which number, which place, which function."""

PUSH, LOAD, CALL_1, CALL_2, CALL_3, UNLESS, GOTO = range(7)


class NoValueError(ValueError):
    """A formula has no value for these inputs; the text says why."""


def _divide(a: float, b: float) -> float:
    if b == 0.0:
        raise NoValueError("division by zero")
    return a / b


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except ValueError:
        raise NoValueError(f"{a:g} ** {b:g} is not a number") from None


def _sqrt(a: float) -> float:
    if a < 0.0:
        raise NoValueError(f"square root of {a:g}, which is negative")
    return math.sqrt(a)


def _log(a: float) -> float:
    if a <= 0.0:
        raise NoValueError(f"logarithm of {a:g}, which is not above 0")
    return math.log(a)


def _clip(a: float, low: float, high: float) -> float:
    if low > high:
        raise NoValueError(f"clip between {low:g} and {high:g}: the first limit is above the second")
    return min(max(a, low), high)


UNARY: Mapping[str, Callable[[float], float]] = {
    "neg": operator.neg,
    "not": lambda a: float(not a),
    "truth": lambda a: float(a != 0.0),
    "abs": abs,
    "sqrt": _sqrt,
    "exp": math.exp,
    "log": _log,
}
BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "**": _power,
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "min": min,
    "max": max,
    "hypot": math.hypot,
}
TERNARY: Mapping[str, Callable[[float, float, float], float]] = {"clip": _clip}


def prepared(program: Program) -> tuple[Step, ...]:
    """A program as `worked_out` takes it, with nothing left to look up."""
    return tuple(map(_step, program))


def _step(token: float | str) -> Step:
    if not isinstance(token, str):
        return PUSH, float(token), 0, None
    if token.startswith("$"):
        return LOAD, 0.0, int(token[1:]), None
    if token in UNARY:
        return CALL_1, 0.0, 0, UNARY[token]
    if token in BINARY:
        return CALL_2, 0.0, 0, BINARY[token]
    if token in TERNARY:
        return CALL_3, 0.0, 0, TERNARY[token]
    word, place = token.split()
    return UNLESS if word == "unless" else GOTO, 0.0, int(place), None


def worked_out(steps: Sequence[Step], inputs: Sequence[float]) -> float:
    """The value of a formula for finite inputs; always finite. Raises NoValueError."""
    stack: list[float] = []
    at, end = 0, len(steps)
    try:
        while at < end:
            kind, constant, place, function = steps[at]
            at += 1
            if kind == LOAD:
                stack.append(inputs[place])
            elif kind == PUSH:
                stack.append(constant)
            elif function is not None:
                _call(function, kind, stack)
            elif kind == GOTO or stack.pop() == 0.0:
                at = place
    except OverflowError:
        raise NoValueError("the number is too large") from None
    return stack[0]


def _call(function: Callable[..., float], count: int, stack: list[float]) -> None:
    """Put a function's value in the place of its arguments."""
    if count == CALL_2:
        last = stack.pop()
        value = function(stack[-1], last)
    elif count == CALL_1:
        value = function(stack[-1])
    else:
        high, low = stack.pop(), stack.pop()
        value = function(stack[-1], low, high)
    if value - value != 0.0:
        raise OverflowError
    stack[-1] = value
