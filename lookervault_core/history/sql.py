"""Functions for SQL: payloads as JSON, in `sqlite-utils`, Datasette, or any connection of Python's own; see docs/history.md."""

from __future__ import annotations

import sqlite3

import zstandard

LARGEST = 256 << 20


def payload(data: bytes) -> str | None:
    """Return the payload in a blob's `data`, as text; None if the data are damaged."""
    try:
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=LARGEST).decode()
    except (zstandard.ZstdError, UnicodeDecodeError):
        return None


def register(db: sqlite3.Connection) -> None:
    """Add the SQL function `payload` to a connection."""
    db.create_function("payload", 1, payload, deterministic=True)
