"""Editing: what helps those who write a config by hand: samples, and a schema for their editors."""
