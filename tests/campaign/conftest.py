import pytest

FIGURES = pytest.StashKey()


@pytest.fixture
def note(request):
    """Keep a figure that was measured; the terminal shows them all at the end."""

    def keep(figure):
        request.config.stash.setdefault(FIGURES, []).append(f"{request.node.name}: {figure}")

    return keep


def pytest_terminal_summary(terminalreporter, config):
    if figures := config.stash.get(FIGURES, []):
        terminalreporter.section("figures of the campaign")
        for figure in figures:
            terminalreporter.write_line(figure)
