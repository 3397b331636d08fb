"""Themes and colour collections."""
