"""UCUM: whether a unit is written as https://ucum.org says, as far as sensors have units."""

from __future__ import annotations

import re

_METRIC = (
    "m g s K J W N Pa V A F Ohm S Wb T H Hz C Cel cd lm lx mol sr l L t bar eV B Bq Gy Sv u ar cal Np By bit Bd g%"
)
_WHOLE = "1 % ' '' rad deg min h d wk mo a AU"
_PREFIXES = "Y|Z|E|P|T|G|M|k|h|da|d|c|m|u|n|p|f|a|z|y|Ki|Mi|Gi|Ti"
_ATOMS = "|".join(re.escape(atom) for atom in sorted(f"{_METRIC} {_WHOLE}".split(), key=len, reverse=True))
_METRICS = "|".join(map(re.escape, sorted(_METRIC.split(), key=len, reverse=True)))
_TERM = rf"(?:(?:{_PREFIXES})?(?:{_METRICS}|\[[^][{{}}\s]+\])|{_ATOMS}|10[*^]|\d+)(?:\[\w+\])?(?:[+-]?\d+)?"
_PART = rf"(?:{_TERM}(?:\{{[^{{}}]*\}})?|\{{[^{{}}]*\}})"
_UNIT = re.compile(rf"/?{_PART}(?:[./]{_PART})*", re.ASCII)


def is_unit(unit: str) -> bool:
    """Whether it is one; without a unit it is, too."""
    flat = unit.replace("(", "").replace(")", "")
    return not unit or (unit.count("(") == unit.count(")") and _UNIT.fullmatch(flat) is not None)
