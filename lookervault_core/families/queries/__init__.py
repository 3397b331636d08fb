"""Queries and merge queries: told by what is in them."""
