"""Profiles: register maps of devices as data (*.toml), and what a source takes over from one."""
