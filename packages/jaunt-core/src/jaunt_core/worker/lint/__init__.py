"""Facts for the linter: the declarations of specs, and names and examples in docstrings."""
