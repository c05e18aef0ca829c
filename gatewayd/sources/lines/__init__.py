"""Lines: the turns of the sources that share one, in which order, how often, and what is done between them."""
