"""The receiver of a benchmark: counts values and messages, and finds by sequence numbers what is missing.

Answers each line on standard input with a line of JSON. Use: receiver.py MQTT_PORT
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import defaultdict
from datetime import datetime

import msgspec
import paho.mqtt.client as mqtt

seen: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
lost: list[object] = []
count = {"values": 0, "messages": 0, "duplicates": 0, "first": 0.0, "newest": 0.0}
"""`first` is when the first value came, `newest` when the one was read that was read last, in seconds since 1970."""
lock = threading.Lock()


def take(message: dict[str, object]) -> None:
    """Count one message of either gateway."""
    if "seq" in message:
        numbers = seen[str(message["epoch"]), str(message["class"])]
        if message["seq"] in numbers:
            count["duplicates"] += 1
            return
        numbers.add(int(str(message["seq"])))
        if message["kind"] == "loss":
            lost.append(message)
    values = message.get("values")
    if isinstance(values, list) and values:
        rows = values if isinstance(values[0], list) else [values]
        count["values"] += sum(map(len, rows))
        count["first"] = count["first"] or time.time()
    if message.get("kind") == "readings":
        count["newest"] = max(count["newest"], datetime.fromisoformat(str(message["time"])).timestamp())


def received(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
    """Count what came from the broker."""
    with lock:
        count["messages"] += 1
        take(msgspec.json.decode(message.payload))


def subscribe(client: mqtt.Client, *_: object) -> None:
    """Hear everything, again after each connection."""
    client.subscribe("gatewayd/#", 1)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "receiver", clean_session=False)
client.on_connect = subscribe
client.on_message = received
client.on_subscribe = lambda *_: print("ready", flush=True)
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
for _ in sys.stdin:
    with lock:
        missing = sum(max(numbers) - len(numbers) for numbers in seen.values())
        print(json.dumps({**count, "missing": missing, "losses": len(lost)}), flush=True)
