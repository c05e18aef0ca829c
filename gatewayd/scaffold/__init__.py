"""The scaffold: the files of a new plugin, which pass their own tests at once. What they say is in `template/`."""

from gatewayd.scaffold.project import ScaffoldError, project, write

__all__ = ["ScaffoldError", "project", "write"]
