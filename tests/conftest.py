from effort import effort
from hypothesis import HealthCheck, settings

EVER = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
"""Whatever the effort: a busy machine fails no test, and what failed elsewhere can be repeated here."""

settings.register_profile("gatewayd", max_examples=20, **EVER)
settings.register_profile("campaign", max_examples=effort(1000, 100), **EVER)
settings.load_profile("gatewayd")


def pytest_addoption(parser):
    parser.addoption(
        "--update-scenarios", action="store_true", help="write expected.json of the scenarios anew instead of comparing"
    )
