"""Any text. That of `st.text()` is the same, but in a new clone hypothesis asks the codec of every character there is
for it: two seconds, in each process that tests."""

from hypothesis import strategies as st

CHARACTERS = st.characters(exclude_categories=["Cs"])
"""All that UTF-8 can hold."""


def texts(**sizes):
    return st.text(CHARACTERS, **sizes)
