"""What surrounds a trial: channel, limits, guard, and the judgement whose fault a failure is."""
