"""Models: what healthy looks like, learned from rows of values; pure."""
