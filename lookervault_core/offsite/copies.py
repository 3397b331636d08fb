"""List the copies in a store, and choose one by its time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import msgspec

from lookervault_core.errors import CopyDamaged, NotFound
from lookervault_core.history.when import span
from lookervault_core.offsite.manifest import COPIES, MANIFESTS, Manifest, decode, name_of, number_of
from lookervault_core.offsite.store import Entry, Store

_AT_ONCE = 8


class Listing(msgspec.Struct, frozen=True):
    """The copies in a store. `copies` are those with an intact manifest, oldest first; `damaged` says by number what is wrong with
    other manifests; `last` is the highest number in use, 0 for none."""

    copies: tuple[Manifest, ...]
    damaged: dict[int, str]
    last: int

    @property
    def newest(self) -> Manifest | None:
        return self.copies[-1] if self.copies else None


def listing(store: Store) -> Listing:
    """Return the copies in *store*. What has no manifest is no copy."""
    numbers = [number for entry in store.entries(MANIFESTS) if (number := number_of(entry.path)) is not None]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda number: _read(store, number), numbers))
    copies = tuple(one for one in found if isinstance(one, Manifest))
    damaged = {number: str(one) for number, one in zip(numbers, found, strict=True) if isinstance(one, CopyDamaged)}
    return Listing(copies, damaged, max(numbers, default=0))


def _read(store: Store, number: int) -> Manifest | CopyDamaged | None:
    """Return the manifest, what is wrong with it, or None if it was just removed."""
    path = name_of(number)
    try:
        return decode(store.get(path), number, store.where(path))
    except CopyDamaged as exc:
        return exc
    except FileNotFoundError:
        return None


def chosen(store: Store, found: Listing, at: str | None, now: datetime) -> Manifest:
    """Return the newest copy, or the newest up to the time *at*. NotFound if there is none; CopyDamaged, without *at*, if the
    manifest of a newer copy is damaged."""
    if at is None:
        lost = max(found.damaged, default=0)
        if found.newest and lost > found.newest.number:
            raise CopyDamaged(
                f"{found.damaged[lost]}; copy {found.newest.number} is older: --at names its time if it is wanted"
            )
        fitting: Sequence[Manifest] = found.copies
    else:
        until = span(at, now).last
        fitting = [one for one in found.copies if one.created_at <= until]
    if fitting:
        return fitting[-1]
    if found.copies:
        raise NotFound(
            f"{store.url}: the oldest copy is of {found.copies[0].created_at:%Y-%m-%d %H:%M} UTC, later than {at!r}"
        )
    if found.damaged:
        raise CopyDamaged(next(iter(found.damaged.values())))
    raise NotFound(f"{store.url}: there is no copy; `lookervault push` makes one")


def leftovers(store: Store, found: Listing) -> list[Entry]:
    """Return the stored objects that no manifest names: left by pushes that were cut off, or of a push at work now."""
    if found.damaged:  # whose they are nobody can say
        return []
    named = {one.path for one in found.copies}
    return [entry for entry in store.entries(COPIES) if entry.path not in named]
