"""Pure decisions: what is stale, what is asked, in which order."""
