"""Models in the engine: when they learn and judge, what they say, what is remembered of them."""
