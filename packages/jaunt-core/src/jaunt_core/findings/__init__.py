"""Pure: what is wrong with an answer, one file a kind."""
