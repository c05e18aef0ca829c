"""Learning: what a device turned out to refuse, to leave unanswered and to take its time for. Pure."""
