"""gatewayd: polls pump sensors and forwards summaries and alarms over MQTT."""

__version__ = "0.1.0"
