"""Find out whether a statement failed because the file is damaged: in its schema, or in JSON that the statement reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from lookervault_core.vault.sqlite import schema

ODD_SCHEMA = "the schema is not as LookerVault made it, or options in it are no JSON"

# What is JSON inside of SQL.
_JSON = (("snapshots", "folders"), ("extraction_sessions", "options"), ("restoration_sessions", "options"))


def is_damaged(path: Path) -> bool:
    """Return whether the schema of the vault at *path* was altered, or JSON stored in it cannot be parsed any more.

    What users have added to the schema does not count."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as db:
            db.text_factory = bytes
            statements = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            is_ours = _made(schema.version(db)).items() <= statements.items()
            return not is_ours or any(_has_bad_json(db, table, column) for table, column in _JSON)
    except (sqlite3.Error, UnicodeDecodeError):
        return True


def _made(version: int) -> dict[bytes, bytes]:
    """Return the statements of a vault that has seen so many steps, by the name of what they make."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.text_factory = bytes
        for step in schema.STEPS[:version]:
            for statement in step:
                db.execute(statement)
        return dict(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def _has_bad_json(db: sqlite3.Connection, table: str, column: str) -> bool:
    return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE NOT json_valid({column}))").fetchone()[0])
