"""What is remembered for tables that are gone: kept for their return, within bounds."""

import pytest
from config_files import BASE, load, write
from living_gateway import living
from outboxes import MB, opened
from small_engine import small_plan
from structlog.testing import capture_logs

from gatewayd.daemon.forgetting import OVERHEAD, forgotten
from gatewayd.editing.whole import whole_sample
from gatewayd.engine.engine import Engine
from gatewayd.records import Output, Saved

PLAN = small_plan()
SOURCES = ("pump1", "spare")


def item(name, size=100, stage="models"):
    return Saved(stage, name, "d", bytes(size))


def gone(*saved, room):
    found = forgotten(saved, PLAN, SOURCES, room)
    assert not any(each.data for each in found)
    return sorted(each.name for each in found)


ONE = 100 + OVERHEAD


def test_what_is_gone_from_the_config_is_kept_for_its_return_as_far_as_there_is_room():
    assert gone(item("a"), item("b"), item("c"), room=3 * ONE) == []
    assert gone(item("a"), item("b"), item("c"), room=3 * ONE - 1) == ["a"]
    assert gone(item("a"), item("b"), item("c"), room=0) == ["a", "b", "c"]


def test_what_was_written_last_goes_last_and_all_of_a_table_at_once():
    saved = [item("a/0"), item("b", stage="sources"), item("a/1", stage="learning"), item("c")]
    assert gone(*saved, room=3 * ONE) == ["b"]
    assert gone(*saved, room=ONE) == ["a/0", "a/1", "b"]


def test_one_that_is_too_large_does_not_cost_others_theirs():
    assert gone(item("a"), item("large", 10_000), item("b"), room=2 * ONE) == ["large"]


@pytest.mark.parametrize("name", ["pump1", "spare", "pump1.pressure"])
def test_what_a_table_of_the_config_has_learned_is_never_forgotten(name):
    assert gone(item(name, 10**6), item(f"{name}/7", 10**6), room=0) == []


@pytest.mark.parametrize("stage", ["rules", "shelves", "floods", "bearings", "windows", "latest", "judging"])
def test_what_the_engine_ends_by_itself_is_left_to_it(stage):
    """An alarm whose rule is gone is cleared, and that is told: it must not vanish."""
    assert gone(item("gone", stage=stage), room=0) == []


def test_what_was_forgotten_already_takes_no_room():
    assert gone(item("a", 0), item("b"), room=ONE) == []


def test_nothing_of_a_config_with_all_tables_is_taken_for_gone(tmp_path):
    config = load(write(tmp_path, whole_sample()))
    keys = Engine(config.plan, "boot").definitions()
    stages = {stage for stage, _ in keys}
    assert {"learning", "totals", "assets", "forecasts", "sensors", "maintenance"} <= stages
    saved = [Saved(stage, name, "d", b"x") for stage, name in keys]
    learned = [item(name.replace("/0", suffix)) for stage, name in keys if stage == "learning" for suffix in ("", "/3")]
    memories = [item(name, stage="sources") for name in config.sources]
    assert forgotten([*saved, *learned, *memories], config.plan, config.sources, 0) == ()


# --- in a gateway -------------------------------------------------------------------------------------------------

CONFIG = BASE.replace("[mqtt]", 'state_dir = "state"\n[outbox]\nmax_size = "1MiB"\n[mqtt]')
STRAYS = Output(saved=tuple(item(name, 30_000) for name in ("oldest", "older", "old")))
"""Two of them have room: a sixteenth of the outbox."""


def remembered(saved):
    return [each.name for each in saved.values() if each.stage == "models" and each.data]


async def test_a_start_forgets_what_is_too_much(tmp_path):
    (tmp_path / "state").mkdir()
    async with opened(tmp_path / "state" / "outbox.db", MB) as outbox:
        outbox.put(STRAYS)
    with capture_logs() as logs:
        async with living(write(tmp_path, CONFIG)) as gateway:
            assert remembered(gateway.run._judging.saved) == ["older", "old"]
    assert [each["tables"] for each in logs if each["event"] == "memory_forgotten"] == [["oldest"]]
    async with opened(tmp_path / "state" / "outbox.db", MB) as outbox:
        assert remembered(outbox.saved()) == ["older", "old"]


async def test_a_reload_forgets_what_is_too_much_then(tmp_path):
    async with living(write(tmp_path, CONFIG)) as gateway:
        gateway.run._judging.put(STRAYS)
        gateway.run._judging.put(Output(saved=(item("oldest", 30_000),)))
        await gateway.reload(CONFIG + '[rules.high]\nchannel = "pump1.pressure"\nabove = 5.0\n')
        assert remembered(gateway.run._judging.saved) == ["old", "oldest"], "as it was written last"
    async with opened(tmp_path / "state" / "outbox.db", MB) as outbox:
        assert remembered(outbox.saved()) == ["old", "oldest"]
