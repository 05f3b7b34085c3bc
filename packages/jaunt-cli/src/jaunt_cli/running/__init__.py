"""One run of a command: the engine called, events shown, errors reported, an exit code picked."""
