"""Measuring: windows of channels and waveforms become features, calculations and verdicts about bearings."""
