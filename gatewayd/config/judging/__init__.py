"""Judging: tables of derivers, sensors, rules and alarms, each with what it becomes in the plan."""
