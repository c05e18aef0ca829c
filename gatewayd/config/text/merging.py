"""Merging: the documents become one tree, and each finding gets the file, line and column where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gatewayd.config.findings import Finding, KeyPath
from gatewayd.config.text.documents import Document
from gatewayd.errors import Problem


class Merged:
    """All documents as one. Tables of the first level are merged, what is in them must be in one file."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.data: dict[str, Any] = {}
        self.duplicates: list[Problem] = []
        self._home: dict[KeyPath, Document] = {}
        for document in documents:
            for section, content in document.data.items():
                self._add(section, content, document)

    def _add(self, section: str, content: Any, document: Document) -> None:
        there = self.data.get(section)
        if there is None:
            self.data[section] = dict(content) if isinstance(content, dict) else content
            self._home[(section,)] = document
        elif not isinstance(there, dict) or not isinstance(content, dict):
            self._twice((section,), document)
            return
        if isinstance(content, dict):
            for key, value in content.items():
                if there is not None and key in there:
                    self._twice((section, key), document)
                else:
                    self.data[section][key] = value
                    self._home[(section, key)] = document

    def _twice(self, path: KeyPath, document: Document) -> None:
        """Name both places."""
        first = self._home[path]
        line, column = first.position(path) or (1, 1)
        name = ".".join(str(part) for part in path)
        what = f"{name} is already given at {first.path}:{line}:{column}"
        self.duplicates.append(
            Problem(str(document.path), *(document.position(path) or (1, 1)), what, "keep one of them")
        )

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """The findings with their positions, and the keys that are there twice, in the order of the files."""
        return sorted([*self.duplicates, *(self._problem(finding) for finding in findings)])

    def _problem(self, finding: Finding) -> Problem:
        document = self.home(finding.path)
        line, column = document.position(finding.path) or (0, 0)
        key = ".".join(map(str, finding.path))
        return Problem(str(document.path), line, column, finding.what, finding.fix, finding.fatal, key)

    def home(self, path: KeyPath) -> Document:
        """The document that a path is in; the main one when it is in none."""
        return self._home.get(path[:2]) or self._home.get(path[:1]) or self.documents[0]
