"""Budgets: what a config asks of its lines, how much is left, how long a poll may wait; pure."""

from gatewayd.budget.lines import LineBudget, PollBudget, line_budgets
from gatewayd.budget.waits import BRIEF, SEEK

__all__ = ["BRIEF", "SEEK", "LineBudget", "PollBudget", "line_budgets"]
