"""Connections: numbers that are read from a device or sent by it, and bursts of many packets."""
