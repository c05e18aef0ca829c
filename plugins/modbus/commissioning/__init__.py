"""Commissioning: what a person asks of devices before there is a config, or when its values look wrong."""
