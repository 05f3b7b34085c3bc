"""Facts about a candidate: what it defines, imports and does when it is imported."""
