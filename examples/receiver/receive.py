"""Receives the messages of all gateways, stores each once, and proves that none is missing.

Stores first and acknowledges then, in a session that the broker keeps: so it may be killed and restarted at any moment.
Use: receive.py --broker HOST [--port 1883] [--database messages.db] [--prefix gatewayd] [--prove]
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys

import paho.mqtt.client as mqtt
from message_store import MessageStore, size
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

KEPT = 7 * 86_400
"""Seconds for which the broker keeps what comes while we are away; it may keep less."""


def listen(options: argparse.Namespace) -> None:
    """Receive for ever."""
    store = MessageStore(options.database)
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, options.client_id, protocol=mqtt.MQTTv5, manual_ack=True
    )  # fmt: skip
    if options.tls or options.ca_file:
        client.tls_set(options.ca_file)
    if options.username:
        client.username_pw_set(options.username, os.environ.get("MQTT_PASSWORD") or getpass.getpass())

    def subscribe(client: mqtt.Client, *_: object) -> None:
        client.subscribe(f"{options.prefix}/#", qos=1)

    def receive(client: mqtt.Client, _: object, message: mqtt.MQTTMessage) -> None:
        try:
            if store.take(message.topic, message.payload):
                print(message.topic, message.payload.decode(), flush=True)
        except ValueError as error:
            print(f"not understood: {error}", file=sys.stderr)
        client.ack(message.mid, message.qos)

    client.on_connect, client.on_message = subscribe, receive
    client.on_subscribe = lambda *_: print("subscribed", file=sys.stderr, flush=True)
    session = Properties(PacketTypes.CONNECT)
    session.SessionExpiryInterval = KEPT
    client.connect_async(options.broker, options.port, clean_start=False, properties=session)
    client.loop_forever(retry_first_connection=True)


def prove(options: argparse.Namespace) -> int:
    """Print what is known of all numbers; 1 when some are missing and nothing explains it."""
    wrong = 0
    print(f"{'gateway':<20} {'epoch':<18} {'class':<9} {'received':>9} {'of':>9}")
    for each in MessageStore(options.database).accounts():
        parts = {
            "reported as lost": each.reported,
            "left behind in a damaged store": each.left_behind,
            "on their way": each.on_their_way,
            "UNEXPLAINED": each.unexplained,
        }
        told = "; ".join(
            f"{size(ranges)} {what} {ranges[0][0]}..{ranges[-1][1]}" for what, ranges in parts.items() if ranges
        )
        print(
            f"{each.gateway:<20} {each.epoch:<18} {each.message_class:<9} {each.received:>9} {each.end:>9}  "
            f"{told or 'complete'}"
        )
        wrong += size(each.unexplained)
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", default="localhost")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--database", default="messages.db")
    parser.add_argument("--prefix", default="gatewayd")
    parser.add_argument("--client-id", default="receiver", help="each receiver needs one of its own")
    parser.add_argument("--username", help="the password is asked for, or taken from $MQTT_PASSWORD")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--ca-file")
    parser.add_argument("--prove", action="store_true", help="only say what is missing in the database")
    arguments = parser.parse_args()
    if arguments.prove:
        sys.exit(prove(arguments))
    listen(arguments)
