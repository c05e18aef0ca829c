"""Planning: which requests read all fields in the shortest time, within what a device is known to answer. Pure."""
