"""Everything below `.jaunt/`: answers, locks, contracts, copies."""
