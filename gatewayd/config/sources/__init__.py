"""Sources: their tables become objects to be polled, and channels and groups of the plan."""
