"""The daemon: from start to stop, over reloads, and what it says of itself."""
