"""Looks: the query first, then what shows it."""
