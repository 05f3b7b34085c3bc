"""Reports and events as lines for people: pure, and safe to show on any terminal."""
