"""Everything below `.jaunt/`: answers, locks, scratch folders, copies."""
