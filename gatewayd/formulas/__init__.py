"""Formulas: how a channel is calculated from others: read by our own parser, compiled, and worked out in floats."""
