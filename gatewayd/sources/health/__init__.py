"""Health: how each source is doing, told when trouble begins and when it ends."""
