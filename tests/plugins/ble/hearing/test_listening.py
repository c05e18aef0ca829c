"""What is heard of a device between two polls, and what its source says about it."""

import math

import pytest

from gatewayd.plugin import Quality
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.bthome import SERVICE as BTHOME
from gatewayd_plugins.ble.decoders.bthome import Bthome
from gatewayd_plugins.ble.decoders.ruuvi import COMPANY, Ruuvi
from gatewayd_plugins.ble.hearing.listening import Listener

SECOND = 1_000_000_000
ADDRESS = "CB:B8:33:4C:88:4F"
LINK = ("rssi", "age", "packet_loss", "packets", "repeats", "unusable")


class Ear:
    """A listener to a device, and the time, which passes as a test says."""

    def __init__(self, decoder, *names, silence=60.0):
        self.listener = Listener(decoder, [*names, *LINK], silence)
        self.now = 1000 * SECOND
        self.listener.begin(self.now)
        self.waiting = []

    def hear(self, advertisement):
        self.now += SECOND
        self.waiting.append(advertisement(self.now))

    def poll(self, after=1, trouble=""):
        """The values (or why there are none) by channel of each block; of the last one, without a time, as well."""
        self.now += after * SECOND
        blocks = self.listener.report(self.waiting, self.now, trouble)
        self.waiting = []
        *readings, state = blocks
        assert state.time is None
        assert all(block.time <= self.now for block in readings)
        return [told(block) for block in readings], told(state)


def told(block):
    return {
        name: block.reasons[name] if quality == Quality.BAD else value
        for name, value, quality in zip(block.channels, block.values, block.qualities, strict=True)
    }


def tag(number, temperature=20.0, rssi=-60):
    """What a RuuviTag sends."""
    data = bytearray.fromhex("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F")
    data[1:3] = round(temperature * 200).to_bytes(2, "big", signed=True)
    data[16:18] = number.to_bytes(2, "big")
    return lambda time: Advertisement(ADDRESS, time, rssi, "Ruuvi 884F", {COMPANY: bytes(data)})


def home(hexadecimal, rssi=-70):
    return lambda time: Advertisement(ADDRESS, time, rssi, services={BTHOME: bytes.fromhex(hexadecimal)})


RUBBISH = home("4002")


def test_a_reading_is_given_with_the_time_when_it_was_heard():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(7, 21.5))
    block, state = ear.listener.report(ear.waiting, ear.now + 5 * SECOND, "")
    assert block.time == ear.now
    assert told(block) == {"temperature": 21.5, "rssi": -60}
    assert told(state) == {"age": 5.0, "packets": 1, "repeats": 0, "unusable": 0}


def test_only_what_is_wanted_is_given():
    listener = Listener(Ruuvi(), ["battery"], 60.0)
    (block,) = listener.report([tag(1)(5)], 6, "")
    assert told(block) == {"battery": 2.977}


def test_each_reading_of_several_is_given():
    ear = Ear(Ruuvi(), "temperature")
    for number in range(3):
        ear.hear(tag(number, 20 + number))
    readings, state = ear.poll()
    assert [each["temperature"] for each in readings] == [20, 21, 22]
    assert state["packets"] == 3


def test_a_numbered_reading_that_is_heard_again_is_old():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(7, 21.5))
    ear.poll()
    ear.hear(tag(7, 21.5, rssi=-80))
    ear.hear(tag(7, 21.5, rssi=-81))
    readings, state = ear.poll()
    assert readings == [{"rssi": -81}]
    assert (state["packets"], state["repeats"]) == (0, 2)
    assert state["age"] == 4.0


def test_a_device_that_repeats_one_old_reading_is_silent_after_a_while():
    ear = Ear(Ruuvi(), "temperature", silence=10.0)
    for _ in range(10):
        ear.hear(tag(7))
    assert "temperature" not in ear.poll(after=0)[1]
    ear.hear(tag(7))
    assert "repeats one old reading" in ear.poll()[1]["temperature"]
    ear.hear(tag(8))
    assert "temperature" not in ear.poll()[1]


def test_what_has_no_number_holds_while_it_is_repeated_and_is_given_once_a_poll():
    ear = Ear(Bthome(), "temperature")
    for _ in range(5):
        ear.hear(home("4002CA09"))
    readings, state = ear.poll()
    assert [each["temperature"] for each in readings] == [25.06, 25.06]
    assert (state["packets"], state["repeats"]) == (1, 4)
    assert state["age"] == 1.0
    ear.hear(home("4002CA09"))
    assert ear.poll()[0] == [{"temperature": 25.06, "rssi": -70}]


def test_a_change_is_given_at_once_and_what_was_before_it_is_not_repeated_after_it():
    ear = Ear(Bthome(), "temperature")
    for data in ("4002CA09", "4002CA09", "4002C409", "4002CA09"):
        ear.hear(home(data))
    assert [each["temperature"] for each in ear.poll()[0]] == [25.06, 25.0, 25.06]


def test_two_kinds_of_packets_that_take_turns_are_each_told_from_their_repetition():
    ear = Ear(Bthome(), "temperature", "battery")
    for _ in range(10):
        ear.hear(home("4002CA09"))
        ear.hear(home("400161"))
    readings, state = ear.poll()
    assert (state["packets"], state["repeats"]) == (2, 18)
    assert len(readings) == 4


def test_a_packet_id_that_stays_says_that_all_still_holds():
    ear = Ear(Bthome(), "temperature")
    ear.hear(home("40000902CA09"))
    ear.hear(home("40000902CA09"))
    ear.hear(home("40000A02CA09"))
    readings, state = ear.poll()
    assert [each["temperature"] for each in readings] == [25.06, 25.06]
    assert (state["packets"], state["repeats"]) == (2, 1)


def test_readings_that_were_not_heard_are_counted():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(65530))
    assert "packet_loss" not in ear.poll()[1]
    for number in (65531, 65533, 0, 1):
        ear.hear(tag(number))
    assert ear.poll()[1]["packet_loss"] == pytest.approx(100 * 2 / 7)
    assert "packet_loss" not in ear.poll()[1]


def test_the_loss_is_that_of_the_last_64_readings():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(0))
    ear.hear(tag(1000))
    assert ear.poll()[1]["packet_loss"] == pytest.approx(100 * 63 / 64)
    for number in range(1001, 1064):
        ear.hear(tag(number))
    assert ear.poll()[1]["packet_loss"] == 0


def test_a_device_that_began_anew_has_lost_nothing():
    ear = Ear(Ruuvi(), "temperature")
    for number in (40000, 40001, 3, 4):
        ear.hear(tag(number))
    assert ear.poll()[1]["packet_loss"] == 0


def test_what_was_thrown_away_unheard_is_no_loss_of_the_radio():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(1))
    ear.poll()
    ear.listener.skip()
    for number in (500, 501):
        ear.hear(tag(number))
    assert ear.poll()[1]["packet_loss"] == 0


def test_one_packet_that_cannot_be_used_hurts_nothing():
    ear = Ear(Bthome(), "temperature")
    ear.hear(home("4002CA09"))
    ear.hear(RUBBISH)
    ear.hear(RUBBISH)
    readings, state = ear.poll()
    assert len(readings) == 1
    assert state == {"age": 3.0, "packets": 1, "repeats": 0, "unusable": 2}
    ear.hear(home("4002C409"))
    ear.hear(RUBBISH)
    assert "temperature" not in ear.poll()[1]


def test_a_device_of_which_nothing_can_be_used_is_bad_soon_and_says_why():
    ear = Ear(Bthome(), "temperature", "humidity")
    for _ in range(3):
        ear.hear(home("41e445f3c9962b332211006c7c4519"))
    _, state = ear.poll()
    assert state["temperature"] == "what it sends cannot be used: it is encrypted, and there is no key"
    ear.hear(home("4002CA09"))
    assert "temperature" not in ear.poll()[1]


def test_a_device_that_falls_silent_is_bad_until_it_is_heard_again():
    ear = Ear(Ruuvi(), "temperature", "battery", silence=30.0)
    ear.hear(tag(1))
    assert "temperature" not in ear.poll()[1]
    assert "temperature" not in ear.poll(28)[1]
    state = ear.poll(2)[1]
    assert state == {"age": 31.0, "packets": 0, "repeats": 0, "unusable": 0} | dict.fromkeys(
        ("temperature", "battery"), "nothing heard for 30 s"
    )
    ear.hear(tag(40))
    readings, state = ear.poll()
    assert readings[0]["temperature"] == 20.0
    assert "temperature" not in state


def test_the_age_of_what_was_never_heard_is_uncertain():
    ear = Ear(Ruuvi(), "temperature", silence=30.0)
    (block,) = ear.listener.report([], ear.now + 10 * SECOND, "")
    assert block.values[block.channels.index("age")] == 10.0
    assert block.qualities[block.channels.index("age")] == Quality.UNCERTAIN
    assert block.reasons == {"age": "not heard yet"}
    assert ear.poll(31)[1]["temperature"] == "nothing heard for 30 s"


def test_a_device_that_sends_something_else_is_told_from_one_that_is_away():
    ear = Ear(Ruuvi(), "temperature", silence=30.0)
    ear.hear(home("4002CA09"))
    assert ear.poll(31)[1]["temperature"] == "it is heard, but what it sends is not of this format"


def test_the_trouble_of_the_adapter_is_the_reason_at_once():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(1))
    assert "temperature" not in ear.poll(trouble="hci0 is switched off")[1]
    assert ear.poll(trouble="hci0 is switched off")[1]["temperature"] == "hci0 is switched off"
    assert "temperature" not in ear.poll()[1]


def test_what_a_device_says_of_its_values_goes_with_them():
    ear = Ear(Ruuvi(), "temperature", "humidity", "pressure")
    data = bytes.fromhex("058000FFFEFFFF7FFF7FFF7FFFFFDEFEFFFECBB8334C884F")
    ear.hear(lambda time: Advertisement(ADDRESS, time, 127, manufacturer={COMPANY: data}))
    block = ear.listener.report(ear.waiting, ear.now, "")[0]
    told_of = dict(zip(block.channels, zip(block.values, block.qualities, strict=True), strict=True))
    assert told_of["humidity"] == (163.835, Quality.UNCERTAIN)
    assert told_of["temperature"][1] == Quality.BAD
    assert math.isnan(told_of["temperature"][0])
    assert set(block.reasons) == {"humidity", "temperature", "pressure"}
    assert "rssi" not in block.channels


def test_it_is_known_what_the_device_says_of_itself():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(1))
    ear.poll()
    assert ear.listener.about == {"name": "Ruuvi 884F", "data format": "5"}


def test_a_sender_that_invents_ever_new_kinds_of_packets_fills_no_memory():
    ear = Ear(Bthome(), "temperature")
    for count in range(200):
        ear.hear(home("40" + "0961" * count))
    assert ear.poll()[1]["packets"] == 200
    assert len(ear.listener._hearsay._said) <= 64


def test_a_press_of_a_button_that_is_sent_again_and_again_is_one_press():
    ear = Ear(Bthome(), "button", "battery")
    for _ in range(3):
        ear.hear(home("44000901613A01"))
    assert [each.get("button") for each in ear.poll()[0]] == [1, None]
    ear.hear(home("44000901613A01"))
    assert ear.poll()[0] == [{"battery": 97, "rssi": -70}]
    ear.hear(home("44000A01613A01"))
    assert [each["button"] for each in ear.poll()[0]] == [1]


def test_a_reading_in_two_parts_of_one_number_is_taken_whole():
    ear = Ear(Bthome(), "temperature", "battery")
    for packet in ("40000902CA09", "40000C02CA09"):
        ear.hear(home(packet))
        ear.hear(home(packet[:4] + packet[4:6] + "0161"))
    readings, state = ear.poll()
    assert [set(each) - {"rssi"} for each in readings] == [{"temperature"}, {"battery"}] * 2
    assert (state["packets"], state["repeats"]) == (4, 0)
    assert state["packet_loss"] == pytest.approx(100 * 2 / 4)


def test_a_value_that_goes_missing_is_no_other_kind_of_packet():
    ear = Ear(Ruuvi(), "temperature")
    ear.hear(tag(1))
    ear.hear(tag(2, -163.84))
    readings = ear.poll()[0]
    assert [each["temperature"] for each in readings] == [20.0, "not available, says the device"]
    assert len(ear.listener._hearsay._said) == 1


def test_a_channel_that_the_device_never_sends_is_bad_after_the_silence():
    ear = Ear(Bthome(), "temperature", "wet", "button")
    ear.hear(home("4002CA09"))
    assert "wet" not in ear.poll()[1]
    ear.hear(home("4002CB09"))
    _, state = ear.poll(after=60)
    assert state["wet"] == "the device is heard, but has not sent this yet"
    assert not {"temperature", "button"} & set(state)


def test_what_was_bad_for_the_adapter_is_not_so_for_ever():
    ear = Ear(Bthome(), "temperature", "wet", "button")
    ear.hear(home("4002CA092001"))
    ear.poll()
    _, state = ear.poll(trouble="there is no adapter hci0")
    assert (state["temperature"], state["wet"]) == ("there is no adapter hci0",) * 2
    assert "button" not in state
    ear.hear(home("4002CB09"))
    (block,), state = ear.poll()
    assert block["temperature"] == 25.07
    assert state["wet"] == "the device is heard, but has not sent this yet"
    ear.hear(home("4002CB092000"))
    (block,), state = ear.poll()
    assert (block["wet"], state.get("wet")) == (0.0, None)


def test_a_button_that_was_released_meanwhile_is_pressed_once_more():
    ear = Ear(Bthome(), "button", "temperature")
    presses = 0
    for pressed in (1, 1, 0, 0, 1, 1):
        ear.hear(home(f"4002CA093A{pressed:02X}"))
        presses += sum(block.get("button") == 1 for block in ear.poll()[0])
    assert presses == 2
