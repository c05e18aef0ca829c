"""What can be seen of a plugin's sample, if it brings one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gatewayd.config import load
from gatewayd.configured import ConfiguredSource
from gatewayd.editing.notes import with_defaults
from gatewayd.editing.samples import brought_sample
from gatewayd.errors import ConfigError
from gatewayd.registry.registry import Registry
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.subject import Subject

HEAD = '[gateway]\nid = "sample"\n[mqtt]\nurl = "mqtt://localhost"\n'


class SampleTests(Subject):
    """Tests of the `sample.toml` that `gatewayd sample` prints."""

    def test_its_sample_is_right_and_its_commented_lines_are_the_defaults(self) -> None:
        """People take it as it is, and remove a `#` to change a default."""
        sample = brought_sample(self.plugin, Registry())
        if sample is None:
            return
        given, written = _loaded(sample), _loaded(with_defaults(sample))
        for name, source in given.items():
            changed = [key for key, value in _values(source).items() if value != _values(written[name])[key]]
            demand(
                holds=not changed,
                what=f"its sample says of {', '.join(changed)} in [sources.{name}] what is not the default",
                fix="write `# key = value` for a default, `## key = value` for an example",
            )


def _loaded(sample: str) -> Mapping[str, ConfiguredSource]:
    """The sources of a sample in a whole config."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sample.toml"
        path.write_text(HEAD + sample, encoding="utf-8")
        try:
            config = load(path, offline=True)
        except ConfigError as error:
            raise ConformanceError(f"its sample is wrong:\n{error}") from None
    demand(
        holds=not config.problems,
        what=f"its sample is wrong: {'; '.join(map(str, config.problems))}",
        fix="mend sample.toml",
    )
    return config.sources


def _values(source: ConfiguredSource) -> dict[str, Any]:
    """The options as they were read, and when it is polled."""
    kept: Any = source.source
    options: dict[str, Any] = (
        {each.name: getattr(kept, each.name) for each in fields(kept)} if is_dataclass(kept) else {}
    )
    return {**options, "interval": source.interval}
