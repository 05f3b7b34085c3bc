"""The commands, one module each: add arguments, call the engine, return an exit code."""
