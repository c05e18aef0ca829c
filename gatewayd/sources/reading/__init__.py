"""Reading: the border at which what a plugin gives is checked and becomes the engine's input."""
