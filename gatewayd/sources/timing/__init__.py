"""Timing: when a poll is due, how long it takes, what it costs others, and when it may be tried again; pure."""
