import json
from pathlib import Path

import pytest
from scenario import Scenario, written

SCENARIOS = sorted(path.parent for path in Path(__file__).parent.glob("scenarios/*/gatewayd.toml"))


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda folder: folder.name)
def test_a_scenario_ends_as_expected(folder, request):
    expected = folder / "expected.json"
    outcome = json.loads(written(Scenario(folder).played()))
    if request.config.getoption("--update-scenarios"):
        expected.write_text(written(outcome))
        pytest.skip("expected.json was written anew: read what has changed before you keep it")
    assert outcome == json.loads(expected.read_text())
