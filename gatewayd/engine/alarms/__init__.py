"""Alarms: rules judge channels, and lead their alarms through their lives."""
