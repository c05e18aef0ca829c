"""The control socket: who answers, and who asks."""
