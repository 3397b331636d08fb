"""Compare two documents: pair nested objects, find changes, name what cannot be written."""
