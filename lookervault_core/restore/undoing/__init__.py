"""Undo a restore: keep the state before it, find what it did and what people did since, and put back the rest."""
