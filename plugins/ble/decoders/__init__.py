"""Decoders: what the advertisements of a format say, as values of channels. Nothing that is heard makes them crash."""
