"""How values are put into words, the same for people and in the JSON."""
