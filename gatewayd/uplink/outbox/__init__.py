"""The outbox: what is to be sent and not yet acknowledged by the broker; `outbox.py` is its door."""
