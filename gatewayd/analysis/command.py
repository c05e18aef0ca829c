"""What `gatewayd analyse` does with its options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatewayd.analysis.analyse import Task, analyse
from gatewayd.analysis.settings import Known
from gatewayd.errors import AnalysisError

OF_THE_MACHINE = ("shaft", "blades", "severity", "bearing", "band")


def write(file: Path, output: Path | None, options: Mapping[str, Any]) -> str:
    """Write the page of each column; give what is to be said in a terminal. Raises AnalysisError."""
    known = Known(**{key: options[key] for key in OF_THE_MACHINE})
    rest = {key: value for key, value in options.items() if key not in OF_THE_MACHINE}
    analyses = analyse(Task(file=file, known=known, **rest))
    said = []
    for each in analyses:
        page = _place(file, output, each.recorded.name if len(analyses) > 1 else "")
        try:
            page.write_text(each.page().html(), encoding="utf-8")
        except OSError as error:
            raise AnalysisError(str(page), f"it cannot be written ({error.strerror})") from None
        said.append(f"{each.text()}\n{page}")
    return "\n\n".join(said)


def _place(file: Path, output: Path | None, column: str) -> Path:
    """Where a page goes: beside whoever asks for it, unless told otherwise."""
    page = output or Path(f"{file.stem}.html")
    return page.with_name(f"{page.stem}-{column}{page.suffix}") if column else page
