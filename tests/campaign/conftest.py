import pytest

FIGURE = "figure"


@pytest.fixture
def note(record_property):
    """Keep a figure that was measured; the terminal shows them all at the end."""

    def keep(figure):
        record_property(FIGURE, figure)

    return keep


def pytest_terminal_summary(terminalreporter):
    told = [each for many in terminalreporter.stats.values() for each in many]
    ended = [each for each in told if getattr(each, "when", "") == "call"]
    figures = [(each.head_line, text) for each in ended for name, text in each.user_properties if name == FIGURE]
    if figures:
        terminalreporter.section("figures of the campaign")
        for name, text in figures:
            terminalreporter.write_line(f"{name}: {text}")
