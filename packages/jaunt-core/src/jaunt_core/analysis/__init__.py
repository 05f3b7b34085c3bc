"""Pure reading of values: graph, digests, headers, findings."""
