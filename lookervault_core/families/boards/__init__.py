"""Boards: their sections and items, and where those belong."""
