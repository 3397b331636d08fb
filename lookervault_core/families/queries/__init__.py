"""Queries and merge queries: identified by what is in them."""
