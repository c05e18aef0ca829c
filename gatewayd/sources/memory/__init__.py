"""Memory: what sources learn about their devices, and what these say of themselves."""
