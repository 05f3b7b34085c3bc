"""Facts for the linter: names, docstring sections and examples that nothing explains."""
