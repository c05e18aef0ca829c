"""Numbers: how a value lies in bytes, as the integrator wrote it. Pure."""
