"""Differences in words: fields, values, and the names of what an object refers to."""
