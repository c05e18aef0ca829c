"""MQTT: one connection to one broker, and nothing of what is sent over it; `client.py` alone touches aiomqtt."""
