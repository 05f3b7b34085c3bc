"""The values that flow between the stages; nothing here reads, writes or decides."""
