"""Reading: from the bytes of answers to the values of a poll. Pure."""
