"""From a stale module to an accepted answer."""
