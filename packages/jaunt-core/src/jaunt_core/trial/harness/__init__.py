"""What surrounds a trial: the channel, the limits, the guard, who is at fault."""
