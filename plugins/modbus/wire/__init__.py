"""The wire: addresses, frames, and one exchange at a time, so that no answer is taken for another's."""
