"""Trials: each `[tests.NAME]` table is a recording, and what the config is expected to make of it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.config.expectations import ANY, Expectation
from gatewayd.config.findings import Place
from gatewayd.config.reader import read_table
from gatewayd.config.settings import Trial
from gatewayd.config.words import did_you_mean, quoted


class TrialTables:
    """The trials of a config whose file is in `folder`; `rules` are the names that may be expected, None: any may."""

    def __init__(self, folder: Path, rules: Collection[str] | None) -> None:
        self.settings: dict[str, Trial] = {}
        self._folder = folder
        self._rules = rules

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Read one table; the recording is not looked at, since a gateway need not have it."""
        trial = read_table(raw, Trial, place).record
        if trial is None:
            return
        for number, text in enumerate(trial.expect):
            self._check(text, place.at("expect", number))
        self.settings[name] = msgspec.structs.replace(trial, recording=self._folder / trial.recording)

    def _check(self, text: str, place: Place) -> None:
        try:
            rule = Expectation.parse(text).rule
        except ValueError as error:
            what, _, fix = str(error).partition("; ")
            place.wrong(what, fix)
            return
        if self._rules is not None and rule not in ("", ANY) and rule not in self._rules:
            place.wrong(f"there is no rule {quoted(rule)}", did_you_mean(rule, self._rules, "the rules are"))
