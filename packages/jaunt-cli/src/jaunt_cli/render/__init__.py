"""Values to lines for people: pure, and safe to show on a terminal by construction."""
