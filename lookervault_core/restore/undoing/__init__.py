"""The way back of a restore."""
