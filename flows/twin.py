"""A twin of an instance: the simulator with what a vault holds of that instance. It sends nothing to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from looker_simulator import SimulatorOptions
from looker_simulator.twin import Lacking, Twin, build
from lookervault_core.catalog import CATALOG
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.vault import Vault


def twin_of(vault: Vault, snapshot_id: int | None = None, **options: Any) -> Twin:
    """Return a twin of what a snapshot holds; by default of the snapshots that a restore reads each type from.

    *options* are those of the simulator, whose release is the snapshot's. Raises UsageError if nobody could sign in to the twin."""
    release = options.pop("release", None) or _release(vault, snapshot_id)
    given: dict[str, Any] = options | ({"release": release} if release else {})

    def told(kind: str) -> Iterator[tuple[str, bytes]]:
        chosen = _chosen(vault, kind, snapshot_id) if kind in CATALOG else None
        for item in vault.iter_payloads(kind, chosen) if chosen is not None else ():
            yield item.id, item.payload

    try:
        return build(SimulatorOptions(**given), told)
    except Lacking as exc:
        raise UsageError(f"vault {vault.path}: {exc}; it is of a whole `extract` that a twin can be made") from exc


def held(vault: Vault, snapshot_id: int | None = None) -> int:
    """Return how many objects a twin would have. Raises NotFound if the vault has no finished snapshot."""
    chosen = {name: _chosen(vault, name, snapshot_id) for name in CATALOG}
    count = sum(len(vault.items(name, one)) for name, one in chosen.items() if one is not None)
    if not count:
        raise NotFound(f"vault {vault.path}: it holds no finished snapshot; run `lookervault extract` first")
    return count


def _chosen(vault: Vault, content_type: str, snapshot_id: int | None) -> int | None:
    if snapshot_id is not None:
        return snapshot_id
    speaking = vault.speaking_snapshot(content_type)
    return speaking.snapshot_id if speaking is not None else None


def _release(vault: Vault, snapshot_id: int | None) -> str | None:
    """Return the release that the instance had, as far as numbers say it."""
    of = (
        vault.snapshot(snapshot_id)
        if snapshot_id is not None
        else max(
            (snapshot for snapshot in vault.snapshots() if snapshot.release),
            key=lambda one: one.snapshot_id,
            default=None,
        )
    )
    parts = ((of.release if of else None) or "").split(".")
    return ".".join(parts[:2]) if len(parts) > 1 and all(part.isdigit() for part in parts[:2]) else None
