"""Reading the command line: parsers, the options that they share, and mistakes in it."""
