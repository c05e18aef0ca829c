"""The text of the config: files become one tree in which everything has a place."""
