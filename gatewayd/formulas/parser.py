"""The parser: a formula becomes the channels that it names and a program. It knows nothing but what is listed here.

Operators bind as in Python: `or`, `and`, `not`, comparisons, `+ -`, `* /`, the minus of a sign, `**`, which alone is
worked out from the right.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from gatewayd.formulas.arithmetic import Program
from gatewayd.formulas.notation import FormulaError, Sort, Token, tokens

LONGEST = 1000
"""Characters of a formula."""
DEEPEST = 32
"""How many brackets, functions, signs and powers may stand within each other."""

OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER = range(1, 9)
BINDING: Mapping[str, int] = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/"), PRODUCT),
    "**": POWER,
}
MANY = 99
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "abs": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "hypot": (2, 2),
    "min": (2, MANY),
    "max": (2, MANY),
    "clip": (3, 3),
    "if": (3, 3),
    "where": (3, 3),
}
"""How many arguments a function takes, at least and at most. `where` is another name of `if`."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be worked out: `channels` are the inputs of the `program`, in the order of their mention."""

    channels: tuple[str, ...]
    program: Program


def parse(text: str, known: Container[str] = ()) -> Formula:
    """Read and compile a formula; `known` channels decide how a dash is read. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"the formula has {len(text)} characters", LONGEST, f"at most {LONGEST}; make it two")
    return _Parser(list(tokens(text, known))).formula()


@dataclass(slots=True)
class _Parser:
    """Reads tokens from the left, and writes the program as it goes."""

    tokens: list[Token]
    at: int = 0
    depth: int = 0
    channels: dict[str, int] = field(default_factory=dict)
    program: list[float | str] = field(default_factory=list)

    def formula(self) -> Formula:
        self._expression(0)
        token = self._next()
        if token.sort is not Sort.END:
            fix = "numbers have a point, not a comma: 1.5" if token.text == "," else ""
            raise FormulaError(f"expected an operator or the end, got {token}", token.at, fix)
        return Formula(tuple(self.channels), tuple(self.program))

    def _expression(self, binding: int) -> None:
        """What binds more strongly than `binding`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError("too deep", self._token.at, f"{DEEPEST} levels at most; make it two formulas")
        self._operand(binding)
        while (strength := BINDING.get(self._operator(), 0)) > binding:
            self._infix(strength)
        self.depth -= 1

    def _operand(self, binding: int) -> None:
        token = self._next()
        if token.sort is Sort.NUMBER:
            self.program.append(token.number)
        elif token.sort is Sort.CHANNEL:
            self.program.append(f"${self.channels.setdefault(token.text, len(self.channels))}")
        elif token.text in FUNCTIONS:
            self._function(token)
        elif token.text == "(":
            self._expression(0)
            self._expect(")")
        elif token.text in ("-", "+"):
            self._expression(SIGN)
            self.program += ["neg"] if token.text == "-" else []
        elif token.text == "not" and binding < NOT + 1:
            self._expression(NOT)
            self.program.append("not")
        else:
            raise _no_operand(token)

    def _infix(self, strength: int) -> None:
        token = self._next()
        if strength in (OR, AND):
            self._logic(strength)
            return
        self._expression(SIGN if strength == POWER else strength)
        self.program.append(token.text)
        if strength == COMPARISON and BINDING.get(self._operator()) == COMPARISON:
            raise FormulaError("two comparisons in a row", self._token.at, 'join them with "and": 1 < a and a < 2')

    def _logic(self, strength: int) -> None:
        """`a and b` is if(a, truth of b, 0), `a or b` is if(a, 1, truth of b)."""
        other = self._jump("unless")
        if strength == OR:
            self.program.append(1.0)
        else:
            self._truth(strength)
        end = self._jump("goto")
        self._land(other, "unless")
        if strength == OR:
            self._truth(strength)
        else:
            self.program.append(0.0)
        self._land(end, "goto")

    def _truth(self, strength: int) -> None:
        self._expression(strength)
        self.program.append("truth")

    def _function(self, name: Token) -> None:
        self._expect("(")
        if name.text in ("if", "where"):
            self._choice()
            return
        count = 1
        self._expression(0)
        least, most = FUNCTIONS[name.text]
        while self._token.text == "," and self._token.sort is Sort.SIGN:
            self._next()
            count += 1
            self._expression(0)
            if most == MANY:
                self.program.append(name.text)
        self._expect(")")
        if not least <= count <= most:
            wanted = f"{least} or more" if most == MANY else str(least)
            raise FormulaError(f"{name.text} takes {wanted} arguments, got {count}", name.at)
        if most != MANY:
            self.program.append(name.text)

    def _choice(self) -> None:
        """if(condition, value, other): only the value that is chosen is worked out."""
        self._expression(0)
        self._expect(",")
        other = self._jump("unless")
        self._expression(0)
        self._expect(",")
        end = self._jump("goto")
        self._land(other, "unless")
        self._expression(0)
        self._expect(")")
        self._land(end, "goto")

    def _jump(self, word: str) -> int:
        self.program.append(word)
        return len(self.program) - 1

    def _land(self, place: int, word: str) -> None:
        self.program[place] = f"{word} {len(self.program)}"

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    def _operator(self) -> str:
        token = self._token
        return token.text if token.sort in (Sort.SIGN, Sort.WORD) else ""

    def _next(self) -> Token:
        token = self._token
        self.at += token.sort is not Sort.END
        return token

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.sort is not Sort.SIGN or token.text != text:
            raise FormulaError(f'expected "{text}", got {token}', token.at)


def _no_operand(token: Token) -> FormulaError:
    if token.sort is Sort.WORD and token.text not in (*BINDING, "not"):
        from difflib import get_close_matches  # noqa: PLC0415 - only for a formula that is wrong

        meant = get_close_matches(token.text, FUNCTIONS, n=1, cutoff=0.7)
        fix = f"functions are {', '.join(FUNCTIONS)}; the name of a channel has its source, as pump1.{token.text}"
        fix = f'did you mean "{meant[0]}"?' if meant else fix
        return FormulaError(f'"{token.text}" is neither a function nor a channel', token.at, fix)
    return FormulaError(f"expected a number, a channel, a function or a bracket, got {token}", token.at)
