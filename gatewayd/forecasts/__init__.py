"""Forecasts: when a slowly moving number will reach a limit, or why there is no saying; pure."""
