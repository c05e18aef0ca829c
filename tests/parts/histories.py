"""Histories of polls as they come and as they should not: any quality, any value, times that jump, repeat, go back."""

import numpy as np
from hypothesis import strategies as st

QUALITIES = st.sampled_from([0, 0, 0, 1, 2, 3, 254, 255])


def plain(x):
    """Squares of squares of such numbers neither overflow nor vanish."""
    return x if abs(x) > 1e-60 else 0.0


SOUND = st.floats(-1e75, 1e75).map(plain) | st.sampled_from([0.0, 1.0, 20.0, 20.5]) | st.floats(1e9, 1e9 + 1)
VALUES = SOUND | st.sampled_from([np.nan, np.inf, -np.inf])
STEPS = st.sampled_from([10**8, 10**8, 10**9, 0, -(10**9), 10**13]) | st.integers(-(10**10), 10**10)


@st.composite
def histories(draw, channels, longest=30):
    """Up to so many polls of (time, values, qualities)."""
    poll = st.tuples(
        STEPS,
        st.lists(VALUES, min_size=channels, max_size=channels),
        st.lists(QUALITIES, min_size=channels, max_size=channels),
    )
    time, made = draw(st.integers(-(10**18), 10**18)), []
    for step, values, qualities in draw(st.lists(poll, max_size=longest)):
        time += step
        made.append((time, np.array(values, dtype=np.float64), np.array(qualities, dtype=np.uint8)))
    return made
