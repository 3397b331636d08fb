"""Find fields that seem to change by themselves, and note them for people; none is left out of a comparison because of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.model import Note
from lookervault_core.vault import Vault

MOST = 0.5
ENOUGH = 5  # of fewer objects nothing is told
EXAMINED = 100


def propose_volatile(vault: Vault, snapshot_id: int, types: tuple[str, ...]) -> None:
    """Note for each type the fields that changed on most of its objects since the base although `updated_at` did not change."""
    counts = vault.counts(snapshot_id)
    for name in (name for name in types if not CATALOG[name].list.media):
        count = counts.get(name)
        both = count.changed + count.unchanged if count else 0
        if count and count.changed >= max(ENOUGH, MOST * both):
            _examine(vault, snapshot_id, name, count.changed, both)


def _examine(vault: Vault, snapshot_id: int, name: str, changed: int, both: int) -> None:
    paths, examined = Counter[str](), 0
    for before, now in islice(vault.changed_in_place(snapshot_id, name), EXAMINED):
        examined += 1
        paths.update(set(differing(_decoded(before), _decoded(now))))
    share = changed / both
    found = sorted(path for path, number in paths.items() if number / examined * share >= MOST)
    if examined >= ENOUGH and found:
        detail = (
            f"{', '.join(found)} changed on most of {both} objects since the snapshot before, and updated_at did not move:"
            " as it seems Looker changes it by itself. It is compared all the same, so each night has a new version of each"
        )
        vault.add_notes(snapshot_id, [Note(name, "", "volatile", detail)])


def differing(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of the fields that differ, `[]` for any place of a list."""
    if isinstance(before, dict) and isinstance(now, dict):
        for field in before.keys() | now.keys():
            yield from differing(before.get(field), now.get(field), f"{path}.{field}" if path else field)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for ours, theirs in zip(before, now, strict=True):
            yield from differing(ours, theirs, f"{path}[]")
    elif before != now:
        yield path


def _decoded(payload: bytes) -> Any:
    return msgspec.json.decode(payload)
