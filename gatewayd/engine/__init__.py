"""The pure part: measurements in, summaries and alarms out. No clock, no I/O, no asyncio, no logging."""
