"""The state folder: where it is, who holds it, its disk."""
