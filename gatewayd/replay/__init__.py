"""`gatewayd replay` and `gatewayd test`: recordings through the very same engine, faster than real time."""
