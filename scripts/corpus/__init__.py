"""Right and wrong answers to specs, and what the pipeline makes of them."""
