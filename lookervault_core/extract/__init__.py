"""Capture an instance into a snapshot: survey, ranges, pages, reconcile, close."""
