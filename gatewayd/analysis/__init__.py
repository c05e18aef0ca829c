"""`gatewayd analyse`: a recording as a page with its waveform, its spectra, its features and what a bearing shows."""
