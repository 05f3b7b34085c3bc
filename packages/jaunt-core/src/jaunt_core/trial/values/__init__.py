"""Values for calls, and how outcomes of two calls compare."""
