"""Sensors: what comes in is checked before anything is made of it."""
