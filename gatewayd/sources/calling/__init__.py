"""Calling: calls into plugins, bounded in time and accounted for."""
