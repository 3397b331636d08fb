"""A twin of an instance: the simulator, made from what a vault holds of it. It is told everything and sends nothing to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from looker_simulator import SimulatorOptions
from looker_simulator.twin import Lacking, Twin, build
from lookervault_core.catalog import CATALOG
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.vault import Vault


def twin_of(vault: Vault, snapshot_id: int | None = None, **options: Any) -> Twin:
    """Return the twin of what a snapshot holds; by default of what speaks for each type. *options* are those of the simulator; its
    release is the snapshot's. Raises UsageError if nobody could sign in there."""
    release = options.pop("release", None) or _release(vault, snapshot_id)
    given: dict[str, Any] = options | ({"release": release} if release else {})

    def told(kind: str) -> Iterator[tuple[str, bytes]]:
        if kind not in CATALOG or (snapshot_id is None and vault.visible_snapshot(kind) is None):
            return
        for item in vault.iter_payloads(kind, snapshot_id):
            yield item.id, item.payload

    try:
        return build(SimulatorOptions(**given), told)
    except Lacking as exc:
        raise UsageError(f"vault {vault.path}: {exc}; it is of a whole `extract` that a twin can be made") from exc


def held(vault: Vault, snapshot_id: int | None = None) -> int:
    """Return of how many objects a twin would be. Raises NotFound if of none."""
    names = [name for name in CATALOG if snapshot_id is not None or vault.visible_snapshot(name) is not None]
    count = sum(len(vault.items(name, snapshot_id)) for name in names)
    if not count:
        raise NotFound(f"vault {vault.path}: it holds no finished snapshot; run `lookervault extract` first")
    return count


def _release(vault: Vault, snapshot_id: int | None) -> str | None:
    """Return the release that the instance had, as far as numbers say it."""
    of = (
        vault.snapshot(snapshot_id)
        if snapshot_id is not None
        else max((one for one in vault.snapshots() if one.release), key=lambda one: one.snapshot_id, default=None)
    )
    parts = ((of.release if of else None) or "").split(".")
    return ".".join(parts[:2]) if len(parts) > 1 and all(part.isdigit() for part in parts[:2]) else None
