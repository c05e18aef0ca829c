"""Features and bearings: their tables become windows, calculations and derived channels."""
