"""Which metrics there are: by Prometheus's conventions, on the page that explains them, in the dashboard."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from gateway_status import SOURCE, STATUS
from prometheus_client.parser import text_string_to_metric_families

from gatewayd.metrics import exposition, families
from gatewayd.metrics.process import process_families

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "metrics.md").read_text()
ALL = {family.name: family for family in (*families(STATUS), *process_families())}
LABELS = {
    "source",
    "plugin",
    "line",
    "state",
    "severity",
    "rule",
    "model",
    "calculation",
    "version",
    "gateway",
    "class",
}
"""Each has as many values as the config has names for it, or fewer; of classes there are three."""
UNITS = ("seconds", "bytes", "ratio", "info")


def value(name, **labels):
    return next(value for these, value in ALL[name].samples if these == labels)


def test_every_name_is_there_once_and_as_the_conventions_have_it():
    names = [family.name for family in (*families(STATUS), *process_families())]
    assert len(names) == len(set(names))
    for name in names:
        assert re.fullmatch(r"(gatewayd|process)(_[a-z]+)+", name)
        assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|percent|count|sum|bucket)(_|$)", name)
        units = [part for part in name.removesuffix("_total").split("_") if part in UNITS]
        assert units == [] or name.removesuffix("_total").endswith(units[-1])


def test_no_label_can_have_more_values_than_the_config_has_names():
    assert {label for family in ALL.values() for labels, _ in family.samples for label in labels} <= LABELS


def test_prometheus_reads_all_of_it():
    told = {family.name for family in text_string_to_metric_families(exposition(ALL.values()).decode())}
    assert told == {name.removesuffix("_total") for name in ALL}


def test_counters_and_states_are_those_of_the_status():
    assert value("gatewayd_source_polls_failed_total", source="pump1") == 2
    assert value("gatewayd_source_line_busy_seconds_total", source="pump1") == 2.5
    assert value("gatewayd_source_process_memory_bytes", source="pump1") == 30_000_000
    assert value("gatewayd_calculation_longest_seconds", calculation="pump1.acceleration") == 0.012
    assert value("gatewayd_outbox_oldest_message_seconds") == 0.5
    assert value("gatewayd_evidence_failing") == 1
    assert value("gatewayd_storage_budget_bytes") == 80_000_000
    assert value("gatewayd_clock_state", state="set") == 1
    assert value("gatewayd_alarms", severity="critical") == 1
    assert value("gatewayd_alarms", severity="info") == 0
    assert value("gatewayd_alarms_unacknowledged", severity="warning") == 0
    assert value("gatewayd_alarm_open", rule="dry_run", severity="critical") == 1


def test_a_source_is_in_one_state_and_in_no_other():
    states = {labels["state"]: value for labels, value in ALL["gatewayd_source_state"].samples}
    assert states == {"starting": 0, "ok": 1, "failing": 0, "quarantined": 0}


def test_of_a_source_without_a_process_nothing_is_made_up():
    found = {each.name: each for each in families(replace(STATUS, sources=(replace(SOURCE, process=None),)))}
    assert found["gatewayd_source_process_memory_bytes"].samples == ()


def test_the_process_is_this_one():
    assert value("process_resident_memory_bytes") > 10_000_000
    assert value("process_open_fds") > 2
    assert value("process_threads") >= 1
    assert value("process_cpu_seconds_total") > 0


def test_the_page_explains_exactly_the_metrics_that_there_are():
    told = dict(re.findall(r"^\| `((?:gatewayd|process)_\w+)` \|.*?\| (.*?) \|$", PAGE, re.MULTILINE))
    assert told == {name: family.meaning for name, family in ALL.items()}


def test_the_page_names_no_metric_that_there_is_not():
    assert set(re.findall(r"\b(?:gatewayd|process)_[a-z_]+", PAGE)) == ALL.keys()


def queries():
    dashboard = json.loads((ROOT / "examples" / "grafana" / "gatewayd.json").read_text())
    panels = [panel for each in dashboard["panels"] for panel in (each, *each.get("panels", ()))]
    targets = [(panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", ())]
    return targets + [
        (each["name"], each["query"]["query"]) for each in dashboard["templating"]["list"] if each["type"] == "query"
    ]


@pytest.mark.parametrize(("title", "query"), queries(), ids=lambda text: text[:60])
def test_every_query_of_the_dashboard_asks_for_what_there_is(title, query):
    named = re.findall(r"\b((?:gatewayd|process)_\w+)(?:\{([^}]*)\})?", query)
    assert named, f"{title} asks for nothing"
    for name, matchers in named:
        labels = {label for labels, _ in ALL[name].samples for label in labels} | {"instance", "job"}
        assert set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", matchers)) <= labels, f"{title}: {query}"
        assert name.endswith("_total") == bool(re.search(rf"(rate|increase)\({name}\b", query)), f"{title}: {query}"


TROUBLES = [name for name in ALL if re.search("_(state|failing|short|connected|throttled)$", name)]


@pytest.mark.parametrize("name", TROUBLES)
def test_every_kind_of_trouble_is_on_the_dashboard(name):
    assert any(re.search(rf"\b{name}\b", query) for _, query in queries())


def test_every_panel_has_a_place_of_its_own():
    dashboard = json.loads((ROOT / "examples" / "grafana" / "gatewayd.json").read_text())
    taken = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
