"""Arguments for calls, and what calls and examples come to."""
