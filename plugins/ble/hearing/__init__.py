"""Hearing: what is new in a device's advertisements, how much is lost, and since when it is silent. Pure."""
