"""Types, bits, codes and texts that cannot be meant are refused; and what channels declare of them."""

import pytest
from modbus_source import configured, refused


@pytest.mark.parametrize(
    ("options", "key", "what", "fix"),
    [
        ({"bits": "4-7"}, "bits", "'4-7' is no range of bits", 'bits = "4..7"'),
        ({"bits": [7, 4]}, "bits", "uint16 has no bits 7 to 4", "[4, 7]"),
        ({"bits": "4..16"}, "bits", "uint16 has no bits 4 to 16", "from 0 to 15"),
        ({"bits": "0..3", "type": "float32"}, "bits", "not from float32", "leave type out"),
        ({"bits": "0..3", "bit": 1}, "bits", "bit and bits both", "leave bits out"),
        ({"bit": 16}, "bit", "uint16 has bits 0 to 15, not 16", "uint32"),
        ({"bit": 3, "type": "bcd16"}, "bit", "not from bcd16", "leave type out"),
        ({"type": "int8"}, "type", "a register holds two int8", 'byte = "low" or "high"'),
        ({"type": "int8", "bit": 3}, "bit", "a register holds two int8", "leave type out"),
        ({"type": "int16", "byte": "low"}, "byte", "not those of int16", 'type = "uint8"'),
        ({"type": "int16", "byte": "low", "bits": "0..3"}, "byte", "bits and byte both", "leave byte out"),
        ({"byte_order": "ACBD", "type": "int32"}, "byte_order", "holds A and C, which are no neighbours", "AB or BA"),
        ({"byte_order": "ABDC", "type": "float32"}, "byte_order", "bytes of some registers only", "ABCD, DCBA"),
        ({"byte_order": "ABDCEFGH", "type": "int64"}, "byte_order", "of some registers only", "each letter of"),
        ({"byte_order": "abcd", "type": "int32"}, "byte_order", "'abcd' is no order", "ABCD, DCBA, BADC, CDAB"),
        ({"byte_order": "ABCDEFGH", "type": "int32"}, "byte_order", "of a number of 32 bits", "ABCD"),
        ({"byte_order": "ABCDEFGG", "type": "int64"}, "byte_order", "of a number of 64 bits", '"ABCDEFGH" once'),
        ({"type": "string", "values": {"A": 1}}, "type", "no length of its own", "length = 8"),
        ({"type": "string", "length": 4}, "type", "a text is no number", 'values = { "RUN" = 1 }'),
        ({"length": 4}, "length", "uint16 has a length of its own", 'type = "string"'),
        ({"values": {"A": 1}}, "values", "only texts have numbers", "labels"),
        ({"type": "string", "length": 4, "values": {"A": 1}, "scale": 2.0}, "values", "is scaled", "leave scale"),
        ({"type": "string", "length": 4, "values": {"A": 1}, "absent": 1}, "absent", "a text has no code", "leave it"),
        ({"type": "string", "length": 4, "values": {"A": 1}, "labels": {"1": "a"}}, "labels", "are the labels", ""),
        ({"type": "float32", "labels": {"1": "on"}}, "labels", "not float32", "leave labels out"),
        ({"labels": {"1": "on"}, "scale": 0.1}, "labels", "this one is scaled", "leave scale"),
        ({"absent": 65536}, "absent", "uint16 is never 65536", "from 0 to 65535"),
        ({"absent": 32768, "type": "int16"}, "absent", "int16 is never 32768", '"0x8000", or -32768'),
        ({"absent": 2**63, "type": "int64"}, "absent", f"int64 is never {2**63}", '"0x8000000000000000", or -92'),
        ({"absent": 2**64, "type": "uint64"}, "absent", f"uint64 is never {2**64}", "from 0 to"),
        ({"absent": 10**400, "type": "float64"}, "absent", "float64 is never 1000", "from"),
        ({"absent": "0x12345", "type": "int16"}, "absent", "more bits than int16", "4 digits"),
        ({"absent": 3276.7}, "absent", "uint16 is never 3276.7", "before it is scaled"),
        ({"absent": "none"}, "absent", "'none' is not a number", "32767"),
        ({"absent": "0xFFFF", "type": "bcd16"}, "absent", "no number in bcd16, which is bad anyhow", "leave it out"),
        ({"absent": "0x7FC00000", "type": "float32"}, "absent", "no number in float32", "leave it out"),
        ({"absent": 2, "bit": 3}, "absent", "never 2", "from 0 to 1"),
    ],
)  # fmt: skip
def test_options_that_mean_nothing_are_refused_at_the_guilty_key(options, key, what, fix):
    error = refused(channels={"x": {"register": "holding:0", **options}})
    assert error.option == ("channels", "x", key)
    assert what in error.what
    assert fix in error.fix


@pytest.mark.parametrize(
    ("options", "path", "what"),
    [
        ({"labels": {"three": "on"}}, ("labels", "three"), "'three' is not a whole number"),
        ({"labels": {"65536": "on"}}, ("labels", "65536"), "uint16 is never 65536"),
        ({"absent": {"70000": "no sensor"}}, ("absent", "70000"), "uint16 is never 70000"),
        ({"labels": {"1": "on", "0x1": "run"}}, ("labels", "0x1"), "1 has a name already: 'on'"),
        ({"type": "string", "length": 3, "values": {"STOP": 1}}, ("values", "STOP"), "'STOP' has 4 characters"),
        ({"type": "string", "length": 4, "values": {"A": 1, "A ": 2}}, ("values", "A "), "'A' is there already"),
        ({"type": "string", "length": 4, "values": {"A": 2**60}}, ("values", "A"), "too great"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_at_its_key(options, path, what):
    error = refused(channels={"x": {"register": "holding:0", **options}})
    assert error.option == ("channels", "x", *path)
    assert what in error.what


def test_channels_declare_the_names_of_their_states():
    channels = {
        "mode": {"register": "holding:0", "labels": {"0": "off", "0x10": "auto", "-1": "fault"}, "type": "int16"},
        "text": {"register": "holding:1", "type": "string", "length": 4, "values": {"RUN": 1, "OFF": 0}},
        "coil": {"register": "coil:0", "labels": {"0": "closed", "1": "open"}},
        "plain": "holding:5",
    }
    declared = {each.name: dict(each.labels) for each in configured(channels=channels).declare()}
    assert declared == {
        "mode": {0: "off", 16: "auto", -1: "fault"},
        "text": {1: "RUN", 0: "OFF"},
        "coil": {0: "closed", 1: "open"},
        "plain": {},
    }
