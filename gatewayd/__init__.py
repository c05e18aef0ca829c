"""gatewayd: polls pump sensors, learns what healthy looks like, and forwards summaries and alarms over MQTT."""

__version__ = "0.1.0"
