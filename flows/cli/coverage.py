"""`info --coverage`: the account of what a backup holds, and what this server has beyond it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from flows.cli.connection import reaching_settings
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table
from lookervault_core.errors import LookerVaultError
from lookervault_core.extract.account import WORDS, assigned, counted, reads, unknown


def show_coverage(config: Path | None, db_path: Path | None, credentials_block: str | None, *, as_json: bool) -> None:
    """Print the account, and what this server has beyond it; a server that does not answer is named, and the account still
    printed."""
    server = _server(config, db_path, credentials_block)
    if as_json:
        print_json({"counts": counted(), "operations": [_row(*pair) for pair in assigned()], "server": server})
        return
    out = console()
    rows = [(name, WORDS[entry.fate], entry.by, entry.reason) for name, entry in assigned()]
    print_table(None, ("operation", "what becomes of it", "type", "why"), rows)
    out.print(", ".join(f"{number} {word}" for word, number in counted().items()))
    if server["error"]:
        out.print(f"not compared with this server: {server['error']}")
        return
    for name in server["unknown"]:
        out.print(f"unknown to this LookerVault, so what it reads is in no backup: {name} ({server['paths'][name]})")
    count = len(server["unknown"])
    out.print(
        f"this server (release {server['release'] or 'not told'}) has {count} read operations that the account lacks"
    )


def _server(config: Path | None, db_path: Path | None, credentials_block: str | None) -> dict[str, Any]:
    from lookervault_core.extract.session import connected

    try:
        settings = reaching_settings(config, db_path=db_path, credentials_block=credentials_block)
        with connected(settings, threading.Event()) as looker:
            found, release = reads(looker.described()), looker.release
    except LookerVaultError as error:
        return {"release": None, "unknown": [], "paths": {}, "error": str(error)}
    names = unknown(found)
    return {"release": release, "unknown": names, "paths": {name: found[name] for name in names}, "error": None}


def _row(operation: str, entry: Any) -> dict[str, str]:
    return {"operation": operation, "fate": entry.fate, "content_type": entry.by, "reason": entry.reason}
