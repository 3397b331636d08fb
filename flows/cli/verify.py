"""`verify`: prove what the vault holds."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from flows.cli.options import AsJson, Config, DbPath, SnapshotId, Workers
from flows.cli.tables import console, print_json, print_table

SHOWN = 20


def verify(
    snapshot: SnapshotId = None,
    against_live: Annotated[bool, typer.Option("--against-live", help="Compare with what Looker holds now")] = False,
    workers: Workers = None,
    db_path: DbPath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Check every payload's hash, the counts and the references of a snapshot; exit 5 if one is damaged, 3 if any is missing."""
    from lookervault_core.settings import load_settings
    from lookervault_core.vault import Vault
    from lookervault_core.verify import chosen, compare_with_live, newer_than
    from lookervault_core.verify import verify as check

    settings = load_settings(config, db_path=db_path, workers=workers)
    with Vault.open(Path(settings.db_path), read_only=True) as vault:
        one = chosen(vault, snapshot)
        found = check(vault, one)
        if against_live:
            live, differences = compare_with_live(vault, one, settings, threading.Event())
            found = msgspec.structs.replace(found, live=live, findings=found.findings + differences)
        newer = [] if snapshot is not None else newer_than(vault, one)
    if as_json:
        print_json(msgspec.to_builtins(found) | {"whole": found.whole})
    else:
        _print(found)
        for other in newer:
            console().print(
                f"note: snapshot {other.snapshot_id} is newer ({other.status}): `verify --snapshot {other.snapshot_id}`"
            )
    changed = any(one.kind in ("created", "deleted", "changed") for one in found.findings)
    code = 5 if found.damaged else 0 if found.whole and not changed else 3
    if code:
        raise typer.Exit(code)


def _print(found: object) -> None:
    from lookervault_core.verify import Verification

    assert isinstance(found, Verification)
    out = console()
    out.print(
        f"snapshot {found.snapshot_id} ({found.status}): {found.items:,} items, {found.payloads:,} payloads re-hashed, "
        f"{found.references:,} references followed"
    )
    if found.live is not None:
        rows = [(name, c["equal"], c["changed"], c["created"], c["deleted"]) for name, c in found.live.items()]
        print_table("\ncompared with Looker now", ("type", "equal", "changed", "created", "deleted"), rows)
    shown = found.findings[:SHOWN]
    if shown:
        rows = [(one.kind, one.content_type, one.id, one.detail) for one in shown]
        print_table(f"\n{len(found.findings)} findings", ("kind", "type", "id", "what"), rows)
    if len(found.findings) > len(shown):
        out.print(f"… and {len(found.findings) - len(shown)} more; `--json` lists them all")
    out.print("proven: nothing is damaged, nothing is missing" if found.whole else "NOT proven: see the findings above")
