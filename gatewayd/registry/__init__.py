"""Plugins: which are installed, what each brings, what they should no longer use."""
