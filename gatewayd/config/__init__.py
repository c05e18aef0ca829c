"""The config: a TOML file that an integrator wrote becomes settings, sources and a plan, or a list of all problems."""

from gatewayd.config.loading import Config, load
from gatewayd.config.settings import Settings

__all__ = ["Config", "Settings", "load"]
