"""Carry out a plan: what every write needs, the order of writes, failures and results."""
