"""A household ledger that reads bank statements in several currencies."""
