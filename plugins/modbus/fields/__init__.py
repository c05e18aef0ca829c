"""Fields: where a value lies in a device, what its bits mean, and how an integrator writes that. Pure."""
