"""`unusual`: what changed in one night that did not in the nights before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flows.cli.history import indexed_vault
from flows.cli.naming import At, snapshot_of
from flows.cli.options import AsJson, DbPath, SnapshotId
from flows.cli.printing import console
from flows.cli.tables import print_json


def unusual(snapshot: SnapshotId = None, at: At = None, db_path: DbPath = None, as_json: AsJson = False) -> None:
    """Tell what a snapshot brought that is unlike the nights before it: losses, access opened, admins made, plans stopped.

    What there is is told, and the exit code is 0: it is a result, no failure.
    """
    from lookervault_core.watching import newest, to_json
    from lookervault_core.watching import unusual as found_in

    with indexed_vault(db_path) as vault:
        snapshot_id = snapshot_of(vault, snapshot, at) or newest(vault)
        found = [to_json(one) for one in found_in(vault, snapshot_id)]
        started_at = vault.snapshot(snapshot_id).started_at
    if as_json:
        print_json({"snapshot_id": snapshot_id, "started_at": started_at.isoformat(), "unusual": found})
        return
    print_unusual(found)
    if not found:
        console().print(f"snapshot {snapshot_id} of {started_at:%Y-%m-%d %H:%M} UTC: nothing unusual")


def print_unusual(found: Iterable[Mapping[str, Any]]) -> None:
    """Print unusual signs, each with the commands that show and revert it."""
    out = console()
    for one in found:
        out.print(f"unusual: {one['text']}")
        out.print(f"  look:   {one['look']}")
        out.print(f"  revert: {one['revert']}")
