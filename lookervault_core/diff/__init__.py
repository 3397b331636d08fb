"""What differs between two payloads, and what of it counts. Pure: no requests, no callbacks, no files."""
