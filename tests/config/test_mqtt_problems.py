"""Problems with the broker: what an integrator reads, word for word."""

import pytest
from config_files import BASE, problems

BROKERS = 'write "mqtt://broker.example.com" or "mqtts://broker.example.com:8883"'


def with_mqtt(line):
    return BASE.replace('url = "mqtt://127.0.0.1"\n', line + "\n")


WRONG = {
    "the key of another table": (
        with_mqtt('url = "mqtt://h"\nid = "hafen-01"'),
        ':5:1: unknown key "id" in [mqtt]; it belongs to [gateway]',
    ),
    "the key of two other tables": (
        BASE + '[outbox]\nevery = "1s"\n',
        ':8:1: unknown key "every" in [outbox]; it belongs to [summary] or [readings]',
    ),
    "no address": (
        with_mqtt(""),
        ':3:1: "url" is missing in [mqtt]; add it: an address such as "mqtt://broker.example.com"',
    ),
    "another scheme": (with_mqtt('url = "http://h"'), f':4:1: "http://h" is not the address of a broker; {BROKERS}'),
    "no scheme": (with_mqtt('url = "broker:1883"'), f':4:1: "broker:1883" is not the address of a broker; {BROKERS}'),
    "no such port": (
        with_mqtt('url = "mqtt://h:99999"'),
        f":4:1: url is not an address (Port out of range 0-65535); {BROKERS}",
    ),
    "port 0": (with_mqtt('url = "mqtt://h:0"'), f':4:1: "mqtt://h:0" is not the address of a broker; {BROKERS}'),
    "a path": (with_mqtt('url = "mqtt://h/t"'), f':4:1: "mqtt://h/t" has more than a host and a port; {BROKERS}'),
    "a password in the address": (
        with_mqtt('url = "mqtt://me:geheim@h"'),
        ":4:1: the user name and the password do not belong in the address; write username and password_file below it",
    ),
    "a password in the file": (
        with_mqtt('url = "mqtt://h"\npassword = "geheim"'),
        (
            ":5:1: the password does not belong in the config; write it into a file that only gatewayd can read, "
            'and name that: password_file = "mqtt.password"'
        ),
    ),
    "a topic with a wildcard": (
        with_mqtt('url = "mqtt://h"\nprefix = "plant/#"'),
        ':5:1: prefix: expected the first part of a topic, such as "gatewayd" or "plant/gatewayd", got text "plant/#"',
    ),
    "a key without TLS": (
        with_mqtt('url = "mqtt://h"\ncert_file = "gatewayd.toml"'),
        ':5:1: cert_file has no use without TLS; let url begin with "mqtts://"',
    ),
    "a key without a certificate": (
        with_mqtt('url = "mqtts://h"\nkey_file = "gatewayd.toml"'),
        ":5:1: key_file has no use without cert_file; add cert_file",
    ),
}


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in said]
