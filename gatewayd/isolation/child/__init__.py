"""The child: what runs in the process of an isolated line. The gateway imports nothing of this."""
