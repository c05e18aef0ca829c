"""What names and patterns stand for, where models and forecasts name channels to be judged."""

import pytest

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.engine.plan import PlannedChannel
from gatewayd.model import Kind

CHANNELS = ("pump1.flow", "pump1.power", "pump1.flow.rms", "pump1.flow.band_rms(1, 2)", "calculated.head")


@pytest.fixture
def draft():
    draft = Draft()
    for name in CHANNELS:
        derived = name not in ("pump1.flow", "pump1.power")
        draft.add_channel(PlannedChannel(name, "", "pump1", derived=derived), 1)
    draft.add_channel(PlannedChannel("pump1.sound", "", "pump1", Kind.WAVEFORM), 1)
    return draft


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["*"], ["pump1.flow", "pump1.power"]),
        (["pump1.*"], ["pump1.flow", "pump1.power"]),
        (["pump1.flow*"], ["pump1.flow"]),
        (["pump1.flow.*"], ["pump1.flow.rms", "pump1.flow.band_rms(1, 2)"]),
        (["calculated.*", "*.power"], ["pump1.power", "calculated.head"]),
        (["pump1.flow.band_rms(1,2)"], ["pump1.flow.band_rms(1, 2)"]),
        (["*.flow", "pump1.flow"], ["pump1.flow"]),
    ],
)
def test_a_pattern_is_of_channels_of_sources_or_else_of_derived_ones(draft, patterns, names):
    place = Place()
    assert [draft.channels[number].name for number in draft.judged(patterns, place, "it")] == names
    assert place.findings == []


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("pump1.fow", 'unknown channel "pump1.fow"; did you mean "pump1.flow"?'),
        (
            "pump2.*",
            'no channel of a source matches "pump2.*"; sources yield: "pump1.flow", "pump1.power", "pump1.sound"',
        ),
        ("*.sound", '"*.sound" matches waveforms only; name features of them, or single values'),
        (
            "pump1.sound",
            (
                'channel "pump1.sound" carries waveforms, not single values; '
                'compute features of it: [features.NAME] with channels = ["pump1.sound"]'
            ),
        ),
    ],
)
def test_what_stands_for_nothing_is_noted(draft, pattern, said):
    place = Place()
    assert draft.judged([pattern], place, "it") == []
    assert [f"{finding.what}; {finding.fix}" for finding in place.findings] == [said]


def test_a_pattern_of_what_is_left_out_is_left_out_too(draft):
    draft.gone["total.water"] = "there is no meter"
    place = Place()
    assert draft.judged(["total.*"], place, "it") == []
    assert [(each.what, each.fatal) for each in place.findings] == [
        ('"total.*" in it is left out: there is no meter', False)
    ]


def test_a_pattern_of_what_is_faulty_says_nothing_more(draft):
    draft.faulty.add("total.water")
    place = Place()
    assert draft.judged(["total.*"], place, "it") == []
    assert place.findings == []
