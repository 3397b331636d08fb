"""Somebody leaves: hand over what they own to another person, then stop them from signing in; as one restore.

Each object is to be what Looker has now, with another owner, or in another folder if it is in the personal one. The restore
engine gets that instead of a backup, so that plan, journal, proof and undo are those of any restore. Which objects there are is
taken from the newest snapshot: it should have just been made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, DELIVERIES, lies_in_trash, trash_of
from lookervault_core.catalog.looking_up import PERSON
from lookervault_core.diff.document import decode, encode
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.families.users.handing_over import (
    Handover,
    concerned,
    disabled,
    goes_over,
    handed_over,
    owners,
    place_of,
)
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault import Vault


class Offboarding(msgspec.Struct, frozen=True):
    """A restore run that hands over what a user owns and disables the user. `stays` has a line for each thing that stays
    theirs."""

    run: RestoreRun
    handover: Handover
    stays: tuple[str, ...]


def offboarding(
    vault: Vault, looker: Looker, user_id: str, to_id: str, options: RestoreOptions | None = None, **more: Any
) -> Offboarding:
    """Return the run that hands over what *user_id* owns to *to_id*. Raises NotFound if Looker lacks one of the users, UsageError
    if they cannot hand over."""
    live = Live(looker)
    handover = _between(looker, live, user_id, to_id)
    wanted = _Wanted(vault, live, handover)
    told = msgspec.structs.replace(options or RestoreOptions(), handed_over=(user_id, to_id))
    run = RestoreRun(vault, looker, wanted.selection(), told, backup=wanted.backup(), **more)
    return Offboarding(run, handover, tuple(wanted.stays()))


def _between(looker: Looker, live: Live, user_id: str, to_id: str) -> Handover:
    require_two(user_id, to_id)
    leaver, heir = _person(live, user_id), _person(live, to_id)
    if heir.get("is_disabled"):
        raise UsageError(f"user {to_id} is disabled: what is handed over to them would stand still; name somebody else")
    if str(looker.me().get("id")) == user_id:
        raise UsageError(f"user {user_id} is who this signs in as: nobody takes the ground from under themselves")
    home, to_home = (_text(one.get("personal_folder_id")) for one in (leaver, heir))
    name = str(leaver.get("display_name") or leaver.get("email") or f"user {user_id}")
    return Handover(user_id, to_id, home, to_home, name)


def require_two(user_id: str, to_id: str) -> None:
    """Raise UsageError if both users are the same."""
    if user_id == to_id:
        raise UsageError("USER and --to are the same person")


def _person(live: Live, user_id: str) -> dict[str, Any]:
    body = live.read(PERSON, user_id)
    if body is None:
        raise NotFound(f"user {user_id}: Looker has nobody of that id")
    return decode(body)


def _counted(count: int, content_type: str) -> str:
    return f"{count:,} {CATALOG[content_type].singular.replace('_', ' ') if count == 1 else content_type}"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


class _Wanted:
    """Gathers what each object is to be."""

    def __init__(self, vault: Vault, live: Live, handover: Handover) -> None:
        self._vault, self._live, self._handover = vault, live, handover
        self._snapshots = {one: found.snapshot_id for one in CATALOG if (found := vault.speaking_snapshot(one))}
        self._payloads: dict[ContentKey, bytes] = {}
        self._take(handover)
        person = ContentKey(PERSON, handover.user_id)
        self._payloads[person] = encode(disabled(_person(live, handover.user_id)))

    def selection(self) -> Selection:
        return Selection(bare=tuple(self._payloads))

    def backup(self) -> Backup:
        """Return a backup of the newest snapshots, in which objects that are handed over have their new owner already."""
        part_of = lambda key, body: self._payloads.get(key, body)  # noqa: E731
        return Backup(self._vault, None, self._snapshots, part_of=part_of, altered=self._payloads)

    def _take(self, handover: Handover) -> None:
        keys = [key for key, payload in self._kept(concerned()) if goes_over(handover, key.content_type, payload)]
        for name in dict.fromkeys(key.content_type for key in keys):
            self._live.prefetch(name, [key.id for key in keys if key.content_type == name])
        taken = self._taken(handover)
        for key in keys:
            body = self._live.read(key.content_type, key.id)
            now = decode(body) if body else None
            if now is None or lies_in_trash(now) or not goes_over(handover, key.content_type, now):
                continue
            if now.get("folder_id", now.get("parent_id")) == handover.home and handover.to_home is None:
                raise UsageError(
                    f"user {handover.to_id} has no personal folder for {key}, which lies in that of {handover.name}"
                )
            self._payloads[key] = encode(handed_over(handover, key.content_type, now, taken))

    def _taken(self, handover: Handover) -> set[tuple[str, str, str]]:
        """Return what is called how in the personal folder of who takes over."""
        found = set[tuple[str, str, str]]()
        for key, payload in self._kept(concerned()):
            place = place_of(key.content_type, payload)
            if place is not None and place[0] == handover.to_home:
                found.add((key.content_type, *place))
        return found

    def _kept(self, names: tuple[str, ...]) -> Iterator[tuple[ContentKey, dict[str, Any]]]:
        """Yield what the snapshots hold of types."""
        for name in names:
            for item in self._vault.iter_payloads(name, self._snapshots[name]) if name in self._snapshots else ():
                yield item.key, decode(item.payload)

    def stays(self) -> Iterator[str]:
        """Yield what is not handed over, and why."""
        for name, field in owners().items():
            trash = trash_of(name)
            mine = (
                key
                for key, row in self._kept((trash,) if trash else ())
                if str(row.get(field)) == self._handover.user_id
            )
            count = sum(1 for _ in mine)
            if count:
                lie, stay = ("lies", "stays") if count == 1 else ("lie", "stay")
                yield f"{_counted(count, name)} of theirs {lie} in the trash and {stay} theirs there"
        yield from self._still_told()
        left = [name for name in concerned() if name not in self._snapshots]
        if left:
            yield f"no snapshot has {', '.join(left)}: run `lookervault extract` first, or they stay"

    def _still_told(self) -> Iterator[str]:
        """Yield how many deliveries go to the address of who leaves: who gets them is for who takes over to say."""
        address = str(_person(self._live, self._handover.user_id).get("email") or "").casefold()
        for name in DELIVERIES if address else ():
            count = sum(address in encode(payload).decode().casefold() for _, payload in self._kept((name,)))
            if count:
                go, them = ("goes", "it") if count == 1 else ("go", "them")
                yield f"{_counted(count, name)} {go} to {address}: who gets {them} stays as it is"
