"""The config that a demo runs with, as `gatewayd check` reads it."""

import pytest

from gatewayd.config import load
from gatewayd_plugins.simulator.demo.site import Site


@pytest.mark.parametrize(("seconds", "every"), [(10, 2), (60, 3), (3600, 10)])
def test_the_config_is_right_and_summaries_are_not_too_rare_to_be_seen(tmp_path, seconds, every):
    site = Site(tmp_path)
    site.write(modbus_port=5020, mqtt_port=1883, seconds=seconds)
    config = load(site.config)
    assert config.problems == ()
    assert config.settings.gateway.state_dir == tmp_path / "state"
    assert config.plan.summary_every == every * 1_000_000_000
    assert [rule.name for rule in config.plan.rules] == ["rough_running", "no_flow"]


def test_every_demo_has_a_folder_of_its_own():
    one, another = Site.fresh(), Site.fresh()
    assert one.folder != another.folder
    for site in (one, another):
        site.folder.rmdir()
