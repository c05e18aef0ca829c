"""Rules over a limit of a small engine, and what becomes of them when it starts anew."""

from small_engine import SmallEngine, rule


def over(**more):
    return rule("above", high=6.0, deadband=0.5, **more)


def restarted(before, *rules, at, boot="boot-1", **plan):
    return SmallEngine(*rules, saved=before.saved, restored_at=at, boot=boot, **plan)


def reasons(engine):
    return [alarm.reason for alarm in engine.alarms]
