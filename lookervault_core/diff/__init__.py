"""Compare two payloads: find what differs, leave out what does not count, and say it in words. Pure: no requests, no files."""
