"""Writing: what a channel that may be set takes, and making sure that it is set."""
