"""What differs between two payloads, what of it counts, and how it is said. Pure: no requests, no callbacks, no files."""
