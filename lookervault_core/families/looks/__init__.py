"""Looks, with the query that each shows."""
