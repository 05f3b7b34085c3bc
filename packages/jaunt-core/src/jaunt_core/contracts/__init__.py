"""Pure: the graph of specs, its digests, and the header that records them."""
