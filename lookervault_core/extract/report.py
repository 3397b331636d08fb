"""What an extraction did, counted from the vault."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from lookervault_core.accounts import by_allowance
from lookervault_core.extract.unknown_reads import unknown_operations
from lookervault_core.model import Hole
from lookervault_core.roots import root
from lookervault_core.vault import Vault


class ExtractReport(msgspec.Struct, frozen=True):
    """The result of one extraction; its fields are the keys of `extract --json`.

    `requests_per_second` is what was observed, `limit_per_second` the limit that held at the end; 0 is none.
    `unusual` are the signs by which the snapshot is unlike the nights before it, `told` the messages to people, and whether they
    were delivered. `root` is the root hash of the snapshot, `offsite` the result of pushing a copy of the vault.
    """

    session_id: str
    snapshot_id: int
    status: str
    types: dict[str, dict[str, Any]]
    holes: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    unknown_operations: int
    requests: int
    requests_per_second: float
    calls: dict[str, int]
    calls_by_operation: dict[str, int]
    duration_seconds: float
    items_per_second: float
    items: int
    advice: list[str] = []
    stopped: str = ""
    limit_per_second: float = 0.0
    unusual: list[dict[str, Any]] = []
    told: dict[str, Any] = {}
    root: str = ""
    offsite: dict[str, Any] | None = None


def extract_report(vault: Vault, session_id: str) -> ExtractReport:
    """Return what *session_id* did, counted from the vault and not from what its tasks said."""
    session = vault.session(session_id)
    counts = vault.counts(session.snapshot_id)
    notes = vault.notes(session.snapshot_id)
    requests = vault.requests(session_id)
    calls = {request.operation: request.calls for request in requests}
    seconds = ((session.ended_at or datetime.now(UTC)) - session.started_at).total_seconds()
    items = sum(count.captured for count in counts.values())
    return ExtractReport(
        session_id=session_id,
        snapshot_id=session.snapshot_id,
        status=vault.snapshot(session.snapshot_id).status,
        types={name: _numbers(one) for name, one in counts.items()},
        holes=[_hole(hole.hole) for hole in vault.holes(session.snapshot_id)],
        notes=[msgspec.to_builtins(note) for note in notes],
        unknown_operations=unknown_operations(notes),
        requests=sum(calls.values()),
        requests_per_second=round(sum(calls.values()) / seconds, 2) if seconds > 0 else 0.0,
        calls=by_allowance((request.activity, request.calls) for request in requests),
        calls_by_operation=calls,
        duration_seconds=round(seconds, 3),
        items_per_second=round(items / seconds, 1) if seconds > 0 else 0.0,
        items=items,
        root=root(vault, session.snapshot_id),
    )


def _numbers(count: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(count)
    return {key: value for key, value in found.items() if key != "content_type"}


def _hole(hole: Hole) -> dict[str, Any]:
    return {"content_type": hole.content_type, "id": hole.id, "reason": hole.reason}
