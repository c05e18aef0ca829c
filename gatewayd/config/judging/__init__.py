"""Judging: tables of sensors, derivers and rules, each with what it becomes in the plan."""
