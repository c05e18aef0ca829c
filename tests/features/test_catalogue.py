"""The catalogue: what it says is what the kernels compute, and what the docs say."""

import math
import re
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from config_files import BASE, loaded

from gatewayd.engine.engine import Engine
from gatewayd.features.bearings import decoys, lines, votes
from gatewayd.features.bearings.geometry import Geometry
from gatewayd.features.bearings.types import SOURCES, TYPES
from gatewayd.features.catalogue import CATALOGUE, DEFINITIONS, Domain, Needs, Unit, filled, least, squared
from gatewayd.features.notation import Written, spelled
from gatewayd.features.severity import LIMITS
from gatewayd.model import Burst, Polled
from gatewayd.records import Summary
from gatewayd_ext import Burst as Kernel
from gatewayd_ext import Window
from gatewayd_ext.terms import ANY, EVEN, TIMED, Term

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
SECOND = 1_000_000_000
RATE = 1024.0
LIKELY = {
    "low": 50.0,
    "high": 200.0,
    "p": 95.0,
    "k": 1.0,
    "tau": 5.0,
    "level": 1.0,
    "frequency": 75.0,
    "order": 1.0,
    "half_width": 0.1,
}
"""A number for each parameter that there is."""
BY_KIND = {Domain.ANY: ANY, Domain.SERIES: TIMED, Domain.WAVEFORM: EVEN}


def likely(definition):
    return tuple(LIKELY[parameter.name] for parameter in definition.parameters)


def text(definition):
    return str(Written(definition.name, likely(definition)))


def term(definition):
    """As the kernels take it, with a bearing's or a machine's numbers where it needs some."""
    if definition.name == "blade_pass_rms":
        return Term("order_rms", (6.0, 0.1))
    return Term(definition.name, likely(definition) + ((1.0, 2.0, 3.0) if definition.name == "severity" else ()))


# --- the catalogue and the kernels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_feature_of_the_catalogue_is_one_of_the_kernels(definition):
    made = term(definition)
    assert BY_KIND[definition.domain][made.name] == len(made.parameters)


def test_all_that_the_kernels_know_is_in_the_catalogue():
    assert {*ANY, *TIMED, *EVEN} == CATALOGUE.keys() - {"blade_pass_rms"}


def test_parameters_with_a_default_come_last_and_all_bounds_hold_them():
    for definition in DEFINITIONS:
        defaults = [parameter.default is not None for parameter in definition.parameters]
        assert defaults == sorted(defaults)
        for parameter in definition.parameters:
            assert parameter.default is None or parameter.low <= parameter.default <= parameter.high


def test_parameters_that_are_left_out_are_filled_in():
    parameters = CATALOGUE["order_rms"].parameters
    assert (least(parameters), filled(parameters, [2.0]), filled(parameters, [2.0, 0.3])) == (1, (2.0, 0.1), (2.0, 0.3))
    assert (least(()), filled((), [])) == (0, ())


@pytest.mark.parametrize(
    ("unit", "squares"),
    [("m", "m2"), ("m/s2", "(m/s2)2"), ("[g]", "[g]2"), ("m[g]", "m[g]2"), ("%", "(%)2"), ("1", "1"), ("", "")],
)
def test_a_square_is_written_as_ucum_has_it(unit, squares):
    assert squared(unit) == squares


def test_units_of_features_follow_from_those_of_channels():
    assert [unit.of("m/s2") for unit in Unit] == ["m/s2", "(m/s2)2", "m/s2/s", "1", "s", "Hz", "mm/s"]
    assert [unit.of("") for unit in Unit] == ["", "", "1/s", "1", "s", "Hz", "mm/s"]


# --- through a config and the engine ----------------------------------------------------------------------------------


def told(folder, definitions, lines, channel):
    """What the summary says of each feature, after four windows of a vibration at 25 Hz and 75 Hz."""
    compute = ", ".join(f'"{text(definition)}"' for definition in definitions)
    table = f'[features.f]\nchannels = ["pump1.{channel}"]\ncompute = [{compute}]\n{lines}\n'
    plan = loaded(folder, BASE + 'burst = "10s"\n' + table).plan
    engine = Engine(plan, "boot")
    seconds = np.arange(4096) / RATE
    vibration = 3 * np.sin(2 * np.pi * 25 * seconds) + np.sin(2 * np.pi * 75 * seconds) + seconds
    if channel == "acceleration":
        outputs = [engine.feed(Burst(6, SECOND, RATE, vibration))]
    else:
        groups = range(40)
        row = np.tile(vibration[:40, np.newaxis], len(plan.groups[0].channels))
        outputs = [engine.feed(Polled(0, n * SECOND, row[n], np.zeros(row.shape[1], np.uint8))) for n in groups]
    outputs.append(engine.stop(50 * SECOND))
    summaries = [record for output in outputs for record in output.records if isinstance(record, Summary)]
    return {channel.name: channel for summary in summaries for channel in summary.channels}


def of(*domains):
    return [definition for definition in DEFINITIONS if definition.domain in domains]


MACHINE = 'shaft = "25Hz"\nblades = 3\nseverity = [1, 2, 3]'


def test_every_feature_of_waveforms_is_computed(tmp_path):
    found = told(tmp_path, of(Domain.ANY, Domain.WAVEFORM), f'window = "1s"\n{MACHINE}', "acceleration")
    for definition in of(Domain.ANY, Domain.WAVEFORM):
        summary = found[f"acceleration.{text(definition)}"]
        assert (summary.count, summary.bad) == (7, 0), definition.name
        assert math.isfinite(summary.mean)
    assert found["acceleration.order_rms(1, 0.1)"].mean == pytest.approx(3 / math.sqrt(2), rel=1e-3)
    assert found["acceleration.blade_pass_rms(0.1)"].mean == pytest.approx(1 / math.sqrt(2), rel=1e-3)
    velocity = found["acceleration.velocity_rms(50, 200)"].mean
    assert velocity == pytest.approx(1000 / math.sqrt(2) / (2 * math.pi * 75), rel=1e-2)
    assert found["acceleration.severity(50, 200)"].mean == 2.0


def test_every_feature_of_single_values_is_computed(tmp_path):
    found = told(tmp_path, of(Domain.ANY, Domain.SERIES), 'window = "10s"', "flow")
    for definition in of(Domain.ANY, Domain.SERIES):
        summary = found[f"flow.{text(definition)}"]
        assert summary.count > 0, definition.name
        assert summary.bad == 0, definition.name
        assert math.isfinite(summary.mean)


# --- the catalogue and the docs ---------------------------------------------------------------------------------------


def rows(page, columns):
    """The rows of all tables with so many columns, without the backquotes."""
    written = [line for line in page.split("\n") if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.replace(r"\|", "¦").strip("|").split("|")] for line in written]
    return [row for row in cells if len(row) == columns]


UNITS = {unit.value if unit.value.startswith("of") else f"`{unit.value}`" for unit in Unit}
DOCUMENTED = {row[0].strip("`"): row for row in rows(PAGE, 4) if row[1] in UNITS}


def test_the_docs_have_every_feature_with_its_parameters_and_unit_and_no_other():
    assert {signature: row[1].strip("`") for signature, row in DOCUMENTED.items()} == {
        definition.signature: definition.unit.value for definition in DEFINITIONS
    }


def _signatures():
    return {definition.signature for definition in DEFINITIONS}


def test_the_docs_give_a_formula_and_a_use_of_every_feature():
    bare = [signature for signature in _signatures() if not DOCUMENTED[signature][2]]
    assert bare == []
    useless = {signature for signature in _signatures() if not DOCUMENTED[signature][3]}
    assert useless == {"min", "max"}


def test_every_reference_that_the_docs_make_is_one_that_they_have():
    made, has = set(re.findall(r"\[([A-Z]{1,3})\]", PAGE)), set(re.findall(r"^- \[([A-Z]+)\]", PAGE, re.MULTILINE))
    assert made == has


def test_the_docs_have_the_limits_of_every_group_of_machines():
    found = re.findall(r"^\| ([^|`]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE)
    assert {name: tuple(map(float, limits)) for name, *limits in found} == LIMITS


def test_the_docs_have_every_unit_that_is_an_acceleration():
    from gatewayd.features.units import ACCELERATIONS

    section = PAGE.partition("## Velocity and severity")[2].partition("##")[0]
    assert [unit for unit in ACCELERATIONS if f"`{unit}`" not in section] == []


EDGES = [(name, cells) for row in rows(PAGE, 4) for name in re.findall(r"`(\w+)`", row[0]) if (cells := row[1:])]
EDGES = [(name, cells) for name, cells in EDGES if name in CATALOGUE and {*cells} <= {"0", "1", "2", "bad"}]


def test_the_edges_in_the_docs_are_those_of_all_features():
    assert {name for name, _ in EDGES} == {*ANY, *EVEN} - {"shaft_speed"}


@pytest.mark.parametrize(("name", "said"), EDGES, ids=[name for name, _ in EDGES])
def test_at_the_edges_features_are_what_the_docs_say(name, said):
    made = term(CATALOGUE[name])
    for values, cell in zip(([2.0] * 1024, [0.0] * 1024, [2.0]), said, strict=True):
        out = np.empty(1)
        Kernel(len(values), (made,)).compute(np.array(values), RATE, out, 25.0)
        assert shown(out[0]) == cell


def shown(number):
    return "bad" if math.isnan(number) else spelled(round(number, 9))


def test_of_one_single_value_the_docs_are_right():
    window = Window(np.array([0]), 10 * SECOND, 10, (Term("rate_of_change"), Term("ewma", (5.0,))))
    window.push(SECOND, np.array([2.0]), np.zeros(1, np.uint8))
    out, counts = np.empty((1, 2)), np.empty(1, np.int64)
    window.compute(SECOND, out, counts)
    assert [shown(number) for number in out[0]] == ["bad", "2"]


def test_what_a_feature_needs_is_told_by_its_place_in_the_docs():
    rotating = PAGE.partition("## Rotating machines")[2].partition("## Bearings")[0]
    needing = {definition.signature for definition in DEFINITIONS if Needs.SHAFT in definition.needs}
    assert [signature for signature in needing if f"`{signature}`" not in rotating] == []


# --- bearings and the docs -----------------------------------------------------------------------------

BEARINGS = PAGE.partition("## Bearings")[2].partition("\n## ")[0]
NUMBERS = ["no", "one", "two", "three", "four", "five"]


def test_the_docs_have_every_type_of_bearing_with_its_source():
    found = {row[0].strip("`"): [*map(float, row[1:5]), row[5]] for row in rows(BEARINGS, 6)}
    assert found == {name: [*map(float, astuple(TYPES[name])), SOURCES[name]] for name in TYPES}


def test_the_docs_say_what_it_takes_for_a_verdict():
    assert f"above {votes.THRESHOLD:g} and {votes.MARGIN:g} ahead" in BEARINGS
    assert f"`above = {votes.THRESHOLD:g}`" in BEARINGS
    assert f"{NUMBERS[votes.NEEDED]} of the last {NUMBERS[votes.WINDOWS]} windows" in BEARINGS
    low, high = (f"{abs(slip) * 100:g} %" for slip in lines.SLIP)
    assert f"from {low} below to {high} above the order" in BEARINGS
    assert f"{decoys.RANGE[0]} to {decoys.RANGE[1]} times the order" in BEARINGS
    assert f"{NUMBERS[lines.HARMONICS]} harmonics" in BEARINGS
    assert f"above = {votes.THRESHOLD:g}\n" in (ROOT / "examples" / "vibration.toml").read_text(encoding="utf-8")


def test_the_docs_give_the_orders_of_a_bearing():
    formulas = dict(re.findall(r"^\| (BPFO|BPFI|2 BSF|FTF) \| ([^|]+) \|", BEARINGS, re.MULTILINE))
    signs = {"·": "*", "cos φ": "* cos", "²": "**2"}
    names = {"n": 9, "d": 7.94, "D": 39.04, "cos": math.cos(math.radians(15))}
    python = {line: re.sub("·|cos φ|²", lambda sign: signs[sign[0]], formula) for line, formula in formulas.items()}
    said = {line: eval(formula, {}, dict(names)) for line, formula in python.items()}
    orders = Geometry(9, 7.94, 39.04, 15.0).orders()
    right = {"BPFO": orders.bpfo, "BPFI": orders.bpfi, "2 BSF": 2 * orders.bsf, "FTF": orders.ftf}
    assert said == pytest.approx(right)
