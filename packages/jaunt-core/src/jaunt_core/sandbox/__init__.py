"""Generated code on trial: the processes that run it, and what their results mean."""
