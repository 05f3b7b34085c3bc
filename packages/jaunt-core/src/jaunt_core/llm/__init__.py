"""Requests on their way to a model: retries, rate, budget, and where the key may go."""
