"""The reports: what a daemon's answers, and evidence, look like for people."""

from gatewayd.report.alarms import alarm_lines
from gatewayd.report.assets import asset_lines
from gatewayd.report.evidence import evidence_lines, evidence_list
from gatewayd.report.models import card_lines, model_lines
from gatewayd.report.status import lines
from gatewayd.report.words import span

__all__ = [
    "alarm_lines",
    "asset_lines",
    "card_lines",
    "evidence_lines",
    "evidence_list",
    "lines",
    "model_lines",
    "span",
]
