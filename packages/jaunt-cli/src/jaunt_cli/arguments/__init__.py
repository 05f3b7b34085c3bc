"""The command line as the user typed it: parsers, the options they share, mistakes reported."""
