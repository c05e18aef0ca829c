"""Secrecy: which keys of a config name what nobody else is to see."""

WORDS = ("key", "password", "secret", "token")


def is_secret(key: str) -> bool:
    """Whether what stands under this key is to be neither shown nor told, by a word in its name."""
    return any(word in key.lower() for word in WORDS)
