"""Waveforms: bursts in registers, captured whole and new or not at all."""
