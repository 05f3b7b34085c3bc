"""Pure: what a model would have to guess."""
