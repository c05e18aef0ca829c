"""Rolling bearings: what their faults sound like, and how far a vibration shows them. Pure."""
