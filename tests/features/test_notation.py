import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from texts import CHARACTERS, texts

from gatewayd.features.notation import Written, parse, respelled, spelled

NAMES = st.from_regex(
    r"[A-Za-z_][A-Za-z0-9_-]{0,10}(\.[A-Za-z_][A-Za-z0-9_]{0,10})?", fullmatch=True, alphabet=CHARACTERS
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WRITTEN = st.builds(Written, NAMES, st.lists(NUMBERS, max_size=4).map(tuple))
ALMOST = st.text(st.sampled_from("ab_-.(),0123456789eE+ \t\n\u0661é"), max_size=20)


@given(WRITTEN)
@example(Written("band_rms", (1e22, -0.0, 5e-324, 1e15)))
def test_what_is_spelt_is_read_as_what_it_was(written):
    assert parse(str(written)) == written
    assert str(parse(str(written))) == str(written)


@given(texts() | ALMOST)
@example("a(1,)")
@example("a(inf)")
@example("a(nan)")
@example("a(1e999)")
@example("a(\u0661)")
def test_a_text_is_a_feature_or_refused_in_words(text):
    try:
        written = parse(text)
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert parse(str(written)) == written
    assert not refusal or refusal.startswith("expected ")


@given(WRITTEN, st.sampled_from(["", " ", "\t", "  "]))
def test_blanks_do_not_matter(written, blank):
    spaced = re.sub(r"([(),])", rf"{blank}\1{blank}", f"{blank}{written}{blank}")
    assert parse(spaced) == written


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("rms", "rms"),
        ("median()", "median"),
        ("band_rms(10,1000)", "band_rms(10, 1000)"),
        ("band_rms( 1e1 , 1_000.0 )", "band_rms(10, 1000)"),
        ("percentile(99.50)", "percentile(99.5)"),
        ("count_above(-.5)", "count_above(-0.5)"),
        ("my-plugin.sludge(+2)", "my-plugin.sludge(2)"),
    ],
)
def test_there_is_one_way_to_spell_a_feature(text, spelt):
    assert str(parse(text)) == spelt


@pytest.mark.parametrize(
    "text",
    ["", "()", "2", "rms(", "rms)", "rms(1", "rms((1))", "rms(1)(2)", "a.b.c", "rms(a)", "rms(1 2)", "rms(1,,2)"],
)
def test_what_is_no_feature_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        parse(text)


def test_numbers_have_no_digits_that_say_nothing():
    assert [spelled(number) for number in (10.0, 10, -0.0, 0.1, 1e15, 1e16, 1e-7)] == [
        "10",
        "10",
        "0",
        "0.1",
        "1000000000000000",
        "1e+16",
        "1e-07",
    ]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("pump1.flow", "pump1.flow"),
        ("pump1.flow.band_rms(10,1e3)", "pump1.flow.band_rms(10, 1000)"),
        ("pump1.flow.band_rms( 10, 1000 ) ", "pump1.flow.band_rms(10, 1000)"),
        ("pump1.flow.tank.sludge(2.0)", "pump1.flow.tank.sludge(2)"),
        ("pump1.flow.band_rms(10", "pump1.flow.band_rms(10"),
        (" pump1.flow", " pump1.flow"),
        ("(", "("),
        ("", ""),
    ],
)
def test_the_names_of_channels_are_spelt_as_their_features_are(name, right):
    assert respelled(name) == right


@given(texts() | ALMOST)
def test_any_name_of_a_channel_can_be_respelt_and_then_stays(name):
    assert respelled(respelled(name)) == respelled(name)
