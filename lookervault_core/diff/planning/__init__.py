"""Decide what a restore does to each item, and why, before it writes."""
