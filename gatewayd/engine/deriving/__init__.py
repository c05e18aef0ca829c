"""Deriving: what follows from the latest values of channels: formulas, totals, running states, forecasts."""
