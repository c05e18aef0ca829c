"""Formulas as they are written: what they mean, and that nothing else comes of what is wrong but its own error."""

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from texts import texts

from gatewayd.formulas.arithmetic import NoValueError, prepared, worked_out
from gatewayd.formulas.notation import FormulaError
from gatewayd.formulas.parser import DEEPEST, LONGEST, parse

KNOWN = {"pump1.a", "pump1.b", "pump-1.c", "pump-1.c-d", "pump1.v.band_rms(10, 1000)", "and-1.not"}
FUNCTIONS_ARE = (
    "functions are abs, sqrt, exp, log, hypot, min, max, clip, if, where; the name of a channel has its source, as"
)
NO_NUMBER = "a name that begins with a digit is written in backticks; between a number and a name stands an operator"


def value(text, *inputs):
    return worked_out(prepared(parse(text, KNOWN).program), inputs)


def attempted(text):
    """The formula, or what is wrong with it."""
    try:
        return parse(text, KNOWN)
    except FormulaError as error:
        return error


def channels(text):
    return parse(text, KNOWN).channels


def test_operators_bind_as_in_python():
    assert value("1 + 2 * 3") == 7.0
    assert value("(1 + 2) * 3") == 9.0
    assert value("10 - 4 - 3") == 3.0
    assert value("-2 ** 2") == -4.0
    assert value("2 ** -1") == 0.5
    assert value("2 ** 3 ** 2") == 512.0
    assert value("not 1 == 2") == 1.0
    assert value("1 or 0 and 0") == 1.0
    assert value("1 + 1 < 3 and 2 > 1") == 1.0


def test_comparisons_and_logic_give_0_or_1():
    assert [value(f"2 {sign} 3") for sign in ("<", "<=", ">", ">=", "==", "!=")] == [1.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert value("7 and 5") == 1.0
    assert value("7 or 0") == 1.0
    assert value("0 or 5") == 1.0
    assert value("0 or 0") == 0.0
    assert value("not 7") == 0.0


def test_functions():
    assert value("abs(-3)") == 3.0
    assert value("min(3, 1, 2)") == 1.0
    assert value("max(3, 1, 2) ") == 3.0
    assert value("sqrt(9)") == 3.0
    assert value("log(exp(2))") == pytest.approx(2.0)
    assert value("hypot(3, 4)") == 5.0
    assert [value(f"clip({x}, 0, 10)") for x in (-1, 5, 11)] == [0.0, 5.0, 10.0]
    assert value("if(1, 2, 3)") == 2.0
    assert value("where(0, 2, 3)") == 3.0


def test_what_is_not_chosen_is_not_worked_out():
    assert value("if(0, 1 / 0, 5)") == 5.0
    assert value("if(1, 5, 1 / 0)") == 5.0
    assert value("0 and 1 / 0") == 0.0
    assert value("1 or 1 / 0") == 1.0
    assert value("if(1, if(0, 1 / 0, 3), 1 / 0) + 1") == 4.0


def test_channels_are_inputs_in_the_order_of_their_mention():
    formula = parse("pump1.b - pump1.a * pump1.b", KNOWN)
    assert formula.channels == ("pump1.b", "pump1.a")
    assert formula.program == ("$0", "$1", "$0", "*", "-")


def test_a_feature_is_a_channel_however_it_is_spaced():
    assert channels("2 * pump1.v.band_rms(10,1000.0)") == ("pump1.v.band_rms(10, 1000)",)
    assert channels("`pump1.v.band_rms(10, 1000)` * 2") == ("pump1.v.band_rms(10, 1000)",)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("pump1.a-pump1.b", ("pump1.a", "pump1.b")),
        ("pump-1.c-3", ("pump-1.c",)),
        ("pump-1.c-d", ("pump-1.c-d",)),
        ("pump-1.c -d.e", ("pump-1.c", "d.e")),
        ("pump-1.c-d-1", ("pump-1.c-d",)),
        ("-pump-1.c-pump-1.c-d", ("pump-1.c", "pump-1.c-d")),
        ("`pump1.a-pump1.b`", ("pump1.a-pump1.b",)),
        ("pump1.x-pump1.b", ("pump1.x", "pump1.b")),
        ("pump1.x-2", ("pump1.x",)),
        ("pump-2.x - 2", ("pump-2.x",)),
        ("and-1.not", ("and-1.not",)),
        ("not-pump1.a", ("pump1.a",)),
    ],
)
def test_a_dash_is_part_of_the_longest_name_that_is_known(text, read):
    assert channels(text) == read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1 / (2 - 2)", "division by zero"),
        ("0 ** -1", "0 ** -1 is not a number"),
        ("(-8) ** 0.5", "-8 ** 0.5 is not a number"),
        ("sqrt(-2)", "square root of -2, which is negative"),
        ("log(0)", "logarithm of 0, which is not above 0"),
        ("log(-1)", "logarithm of -1, which is not above 0"),
        ("exp(1000)", "the number is too large"),
        ("1e300 * 1e300", "the number is too large"),
        ("1 / (1e300 * 1e300)", "the number is too large"),
        ("1e300 ** 2", "the number is too large"),
        ("clip(1, 3, 2)", "clip between 3 and 2: the first limit is above the second"),
    ],
)
def test_there_may_be_no_value(text, why):
    with pytest.raises(NoValueError, match=f"^{re.escape(why)}$"):
        value(text)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "expected a number, a channel, a function or a bracket, got the end"),
        ("1 +", 3, "expected a number, a channel, a function or a bracket, got the end"),
        ("(1", 2, 'expected ")", got the end'),
        ("1)", 1, 'expected an operator or the end, got ")"'),
        ("pump1.a pump1.b", 8, 'expected an operator or the end, got "pump1.b"'),
        ("1,5", 1, 'expected an operator or the end, got ","; numbers have a point, not a comma: 1.5'),
        ("2 ^ 3", 2, '"^" has no meaning in a formula; write "**"'),
        ("pump1.a = 3", 8, '"=" has no meaning in a formula; write "=="'),
        ("pump1.a && 1", 8, '"&" has no meaning in a formula; write "and"'),
        ("50 %", 3, '"%" has no meaning in a formula'),
        ("1 < 2 < 3", 6, 'two comparisons in a row; join them with "and": 1 < a and a < 2'),
        ("sqrt 4", 5, 'expected "(", got "4"'),
        ("min(1)", 0, "min takes 2 or more arguments, got 1"),
        ("abs(1, 2)", 0, "abs takes 1 arguments, got 2"),
        ("if(1, 2)", 7, 'expected ",", got ")"'),
        ("`pump1.a", 0, "a name in backticks has no end; close it with `"),
        ("2 * not 1", 4, 'expected a number, a channel, a function or a bracket, got "not"'),
        ("1e999", 0, '"1e999" is too large a number'),
        ("flow * 2", 0, f'"flow" is neither a function nor a channel; {FUNCTIONS_ARE} pump1.flow'),
        ("1 + sqr(pump1.a)", 4, '"sqr" is neither a function nor a channel; did you mean "sqrt"?'),
        ("2pump.a", 0, f'"2pump.a" is no number; {NO_NUMBER}'),
        ("1 + " * 250 + "1", LONGEST, "the formula has 1001 characters; at most 1000; make it two"),
        ("(" * 40, DEEPEST, "too deep; 32 levels at most; make it two formulas"),
        ("-" * 40 + "1", DEEPEST, "too deep; 32 levels at most; make it two formulas"),
        ("2 ** " * 40 + "1", 5 * DEEPEST, "too deep; 32 levels at most; make it two formulas"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_place(text, at, said):
    with pytest.raises(FormulaError) as caught:
        parse(text, KNOWN)
    assert (str(caught.value), caught.value.at) == (said, at)


@pytest.mark.parametrize(
    "text", ['__import__("os")', "().__class__", "lambda: 1", "[1]", "'a'", "1 if 1 else 2", "a:=1"]
)
def test_nothing_of_python_is_reachable(text):
    with pytest.raises(FormulaError):
        parse(text, KNOWN)


LEAVES = st.one_of(
    st.integers(0, 99).map(str),
    st.floats(0, 1e6).map(repr),
    st.sampled_from(["pump1.a", "pump1.b"]),
)
VALUES = st.floats(-1e6, 1e6)


def _grown(inner):
    operators = st.sampled_from(["+", "-", "*", "/", "**", "and", "or"])
    comparisons = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    return st.one_of(
        st.tuples(inner, operators, inner).map(" ".join),
        st.tuples(inner, comparisons, inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("(not {})".format),
        st.tuples(st.sampled_from(["abs", "sqrt", "log"]), inner).map("{0[0]}({0[1]})".format),
        st.tuples(st.sampled_from(["min", "max", "hypot"]), inner, inner).map("{0[0]}({0[1]}, {0[2]})".format),
    )


FORMULAS = st.recursive(LEAVES, _grown, max_leaves=12)


@given(FORMULAS, VALUES, VALUES)
@example("2 ** -pump1.a ** 2", 3.0, 1.0)
@example("-pump1.a and pump1.b or 0", 3.0, 1.0)
def test_a_formula_means_what_python_means(text, a, b):
    formula = attempted(text)
    if isinstance(formula, FormulaError):
        assert formula.what == "too deep"
        return
    try:
        got = worked_out(prepared(formula.program), [{"pump1.a": a, "pump1.b": b}[name] for name in formula.channels])
    except NoValueError:
        got = None
    wanted = _by_python(text, a, b)
    assert got is None if wanted is None else got == pytest.approx(wanted, rel=1e-12)


def _by_python(text, a, b):
    """What Python's own parser makes of it, with `and` and `or` that give 0 and 1, as they do in a formula."""
    import ast

    class Truths(ast.NodeTransformer):
        def visit_BoolOp(self, node):
            self.generic_visit(node)
            return ast.Call(ast.Name("float", ast.Load()), [ast.Call(ast.Name("bool", ast.Load()), [node], [])], [])

        def visit_BinOp(self, node):
            self.generic_visit(node)
            return ast.Call(ast.Name("checked", ast.Load()), [node], [])

    tree = ast.parse(text.replace("pump1.", ""), mode="eval")
    tree = ast.fix_missing_locations(Truths().visit(tree))
    names = {each: getattr(math, each) for each in ("sqrt", "log", "hypot")}
    names |= {"abs": abs, "min": min, "max": max, "bool": bool, "float": float, "checked": _checked, "a": a, "b": b}
    try:
        found = eval(compile(tree, "formula", "eval"), {"__builtins__": {}}, names)
        return _checked(float(found))
    except (ArithmeticError, ValueError, TypeError):
        return None


def _checked(value):
    """No result may be complex or beyond what a float can hold, not even on the way."""
    value = float(value)
    if not math.isfinite(value):
        raise OverflowError
    return value


@given(st.text(alphabet="pump1.ab -+*/()<>=!,`%and or not if(min 0.5e9\n\t", max_size=60) | texts(max_size=60))
def test_whatever_is_written_is_a_formula_or_its_error(text):
    formula = attempted(text)
    if isinstance(formula, FormulaError):
        assert 0 <= formula.at <= len(text)
        return
    try:
        result = worked_out(prepared(formula.program), [1.5] * len(formula.channels))
    except NoValueError:
        return
    assert math.isfinite(result)
