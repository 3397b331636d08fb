"""Agents and the golden queries that they learn from."""
