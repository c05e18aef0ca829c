"""The example's tests, and the configs in the docs, are right as they are."""

import re
from pathlib import Path

import pytest
from config_files import HEAD, load, write
from recordings import replayed, run_tests

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "replay.md").read_text(encoding="utf-8"), re.DOTALL)
SKAB = ROOT.parent / "shared" / "data" / "skab"


def test_the_tests_of_an_example_are_ok():
    result = run_tests(ROOT / "examples" / "pump-modbus-tcp.toml")
    assert result.output == "overpressure: ok\ndry_run: ok\n2 ok, 0 failed\n"


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_config_in_the_docs_is_right(tmp_path, block):
    assert load(write(tmp_path, HEAD + block)).problems == ()


@pytest.mark.skipif(not SKAB.exists(), reason="the recordings of SKAB are not here")
def test_a_recorded_pump_is_judged_causally_and_whatever_its_channels_are_called(tmp_path):
    lines = (SKAB / "valve1" / "0.csv").read_text().splitlines()
    write(tmp_path, "\n".join(lines), "whole.csv")
    write(tmp_path, "\n".join(lines[:800]), "part.csv")
    renamed = [
        ";".join(cells[::-1]) for cells in ([f"c{n}" for n in range(9)], *(line.split(";")[:9] for line in lines[1:]))
    ]
    write(tmp_path, "\n".join(renamed), "renamed.csv")
    for name in ("whole", "part", "renamed"):
        result = replayed(ROOT / "examples/skab.toml", tmp_path / f"{name}.csv", "--rows", tmp_path / f"{name}.rows")
        assert result.exit_code == 0, result.output
    whole, part, other = ((tmp_path / f"{name}.rows").read_text().splitlines() for name in ("whole", "part", "renamed"))
    assert len(whole) == len(lines)
    assert part == whole[:800]
    assert [line.split(",")[1] for line in other] == [line.split(",")[1] for line in whole]
    assert "1" in {line.split(",")[1] for line in whole}
