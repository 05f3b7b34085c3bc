"""The shell around the pure parts: processes, files, the network."""
