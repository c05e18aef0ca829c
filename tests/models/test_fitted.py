import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from taught_model import healthy

from gatewayd.models.fitted import Kept, packed
from gatewayd.models.fitting import fit

FITTED = fit(healthy(400), np.arange(400) == 0)
KEPT = Kept.of(FITTED)


def test_what_was_fitted_comes_back_to_the_last_bit():
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(KEPT), type=Kept).fitted(4)
    for name in ("centre", "scale", "precision", "course", "noise", "change", "reach"):
        assert np.array_equal(getattr(again, name), getattr(FITTED, name))
    assert (again.level_edge, again.energy_edge) == (FITTED.level_edge, FITTED.energy_edge)


@pytest.mark.parametrize("columns", [0, 1, 3, 5])
def test_another_number_of_channels_is_refused(columns):
    with pytest.raises(ValueError, match=r"channels|reshape|shape|empty"):
        KEPT.fitted(columns)


@pytest.mark.parametrize(
    "changes",
    [
        {"centre": packed(np.array([1.0, np.nan, 1.0, 1.0]))},
        {"precision": packed(np.full(16, np.inf))},
        {"scale": packed(np.array([1.0, -1.0, 1.0, 1.0]))},
        {"reach": packed(np.full(4, np.nan))},
        {"noise": b"1234567"},
        {"course": b""},
        {"level_edge": 0.0},
        {"energy_edge": float("nan")},
        {"level_edge": float("inf")},
    ],
)
def test_numbers_that_cannot_be_are_refused(changes):
    with pytest.raises(ValueError, match=r"finite|below 0|reshape|multiple of|number above"):
        msgspec.structs.replace(KEPT, **changes).fitted(4)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read_as_plain_numbers(data):
    try:
        msgspec.msgpack.decode(data, type=Kept).fitted(4)
    except (ValueError, msgspec.MsgspecError):
        return
    raise AssertionError("random bytes made a model")
