"""What a run costs: an estimate of its calls, how many are left of the month, and whether anything has changed at all."""
