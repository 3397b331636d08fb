"""Push: a copy of the vault under a new name, read back, and its manifest last."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec
import pyrage

from lookervault_core import logs, tombstones
from lookervault_core.errors import CopyDamaged, NotTheNewest, WrongInstance
from lookervault_core.offsite.copies import Listing, listing
from lookervault_core.offsite.copying import consistent_copy
from lookervault_core.offsite.keys import Recipient
from lookervault_core.offsite.manifest import COPIES, Kept, Manifest, encode, name_of
from lookervault_core.offsite.sealing import Tally, sealed
from lookervault_core.offsite.store import Store
from lookervault_core.roots import roots
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.file import utc_now

_TRIES = 5
Watch = Callable[[int], None]


class Pushed(msgspec.Struct, frozen=True):
    """What a push made: which copy, where, and of what size in bytes. `root` is that of the newest snapshot in it."""

    url: str
    number: int
    path: str
    created_at: datetime
    vault_bytes: int
    stored_bytes: int
    encrypted: bool
    snapshots: int
    root: str


def push(
    vault: Path,
    store: Store,
    recipients: Mapping[str, Recipient],
    *,
    after: int | None = None,
    accept_rewritten: bool = False,
    now: Callable[[], datetime] = utc_now,
    watch: Watch = lambda _: None,
) -> Pushed:
    """Push *vault*. *after* is the number of the copy that the vault was pulled from (0: there was none): raises NotTheNewest,
    with the store unchanged, if there is a newer copy. *watch* is called with the number of bytes after each piece.

    A push that is cut off has made no copy, and changed no other."""
    found = listing(store)
    with consistent_copy(vault) as copy:
        told = _described(copy)
        _require_successor(store, found, told, after, accept_rewritten=accept_rewritten)
        name = f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}.db.zst{'.age' if recipients else ''}"
        made = msgspec.structs.replace(
            told,
            path=f"{COPIES}/{name}",
            created_at=now(),
            recipients=tuple(recipients),
            canary=_canary(recipients),
        )
        tally = _written(store, copy, made.path, list(recipients.values()), watch)
    made = msgspec.structs.replace(made, stored_bytes=tally.size, stored_sha256=tally.sha256)
    _read_back(store, made, watch)
    made = _announced(store, made, found, after, accept_rewritten=accept_rewritten)
    logs.info(f"copy {made.number} pushed to {store.url}: {made.stored_bytes:,} bytes, read back and as written",
              event="pushed", copy=made.number, stored_bytes=made.stored_bytes)  # fmt: skip
    return _pushed(store, made)


def _described(copy: Path) -> Manifest:
    with Vault.open(copy, read_only=True) as vault:
        meta, found, forgotten = vault.meta(), roots(vault), len(tombstones.every(vault))
        kept = [Kept(snapshot.snapshot_id, snapshot.status, snapshot.started_at, found[snapshot.snapshot_id])
                for snapshot in reversed(vault.snapshots()) if snapshot.snapshot_id in found]  # fmt: skip
    return Manifest(
        number=0,
        path="",
        created_at=utc_now(),
        vault_id=meta["vault_id"],
        instance_url=meta.get("instance_url"),
        schema_version=int(meta["schema_version"]),
        application_version=meta["application_version"],
        vault_bytes=copy.stat().st_size,
        stored_bytes=0,
        stored_sha256="",
        forgotten=forgotten,
        snapshots=tuple(kept),
    )


def _canary(recipients: Mapping[str, Recipient]) -> str:
    return pyrage.encrypt(b"lookervault", list(recipients.values()), armored=True).decode() if recipients else ""


def _written(store: Store, copy: Path, path: str, recipients: list[Recipient], watch: Watch) -> Tally:
    stored = Tally()
    with copy.open("rb") as source, closing(sealed(source, recipients, stored)) as pieces:
        copy.unlink()  # a process that is killed from here on leaves nothing of that size behind
        store.write(path, _watched(pieces, watch))
    return stored


def _watched(pieces: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    for piece in pieces:
        watch(len(piece))
        yield piece


def _read_back(store: Store, made: Manifest, watch: Watch) -> None:
    """Raise CopyDamaged unless the store gives back what was written, byte for byte."""
    tally = Tally()
    for piece in store.read(made.path, made.stored_bytes):
        tally.add(piece)
        watch(len(piece))
    if tally.sha256 != made.stored_sha256:
        raise CopyDamaged(
            f"{store.where(made.path)}: the store gives back other bytes than were written; the copy was not entered, push again"
        )


def _announced(store: Store, made: Manifest, found: Listing, after: int | None, *, accept_rewritten: bool) -> Manifest:
    """Create the manifest under the next number, and return it as it stands there."""
    for _ in range(_TRIES):
        made = msgspec.structs.replace(made, number=found.last + 1)
        if store.create(name_of(made.number), encode(made)):
            return made
        found = listing(store)
        _require_successor(store, found, made, after, accept_rewritten=accept_rewritten)
    raise NotTheNewest(f"{store.url}: others push all the time, and took the number {_TRIES} times; push again later")


def _require_successor(
    store: Store, found: Listing, told: Manifest, after: int | None, *, accept_rewritten: bool
) -> None:
    """Raise unless the vault that *told* describes goes on from the newest copy."""
    if after is not None and found.last != after:
        raise NotTheNewest(
            f"{store.url}: copy {found.last} was pushed after this run pulled {f'copy {after}' if after else 'nothing'}, so this "
            "run's is not entered; nothing of the store was changed, run it again"
        )
    newest = found.newest
    if newest is None:
        return
    if newest.vault_id != told.vault_id:
        raise WrongInstance(
            f"{store.url}: its copies are of another vault ({newest.vault_id} of {newest.instance_url}); name another address, or "
            "pull that one"
        )
    if not accept_rewritten:
        _require_history(store, newest, told)


def _require_history(store: Store, newest: Manifest, told: Manifest) -> None:
    """Raise NotTheNewest if the newest copy has snapshots that the vault lacks, or has others though nobody was forgotten since."""
    here = {snapshot.snapshot_id: snapshot for snapshot in told.snapshots}
    last = max(here, default=0)
    if told.forgotten < newest.forgotten:
        raise NotTheNewest(
            f"{store.url}: copy {newest.number} has {newest.forgotten} tombstones, this vault {told.forgotten}: it is an "
            "older one, or somebody took them out; if that is meant, `lookervault push --accept-rewritten` pushes it"
        )
    for snapshot in newest.snapshots:
        if snapshot.snapshot_id > last:
            raise NotTheNewest(
                f"{store.url}: copy {newest.number} holds snapshot {snapshot.snapshot_id}, which this vault does not have; "
                "`lookervault pull` gets it, or --accept-rewritten pushes all the same"
            )
        mine = here.get(snapshot.snapshot_id)
        if snapshot.status == "complete" and mine and mine.root != snapshot.root and told.forgotten <= newest.forgotten:
            raise NotTheNewest(
                f"{store.url}: snapshot {snapshot.snapshot_id} is not what copy {newest.number} has of it: its root hash was "
                f"{snapshot.root[:16]}… and is {mine.root[:16]}…; if that is meant, `lookervault push --accept-rewritten` pushes it"
            )


def _pushed(store: Store, made: Manifest) -> Pushed:
    return Pushed(
        url=store.url,
        number=made.number,
        path=made.path,
        created_at=made.created_at,
        vault_bytes=made.vault_bytes,
        stored_bytes=made.stored_bytes,
        encrypted=bool(made.recipients),
        snapshots=len(made.snapshots),
        root=made.snapshots[-1].root if made.snapshots else "",
    )
