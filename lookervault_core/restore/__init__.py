"""Putting things back: read the live side, plan, apply with a journal, prove."""
