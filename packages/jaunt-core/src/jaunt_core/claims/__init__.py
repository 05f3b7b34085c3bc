"""What docstrings show of calls, in other notations than that of doctest."""
