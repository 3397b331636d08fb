"""What a restore is asked to bring back, and how it is to be carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from lookervault_core.catalog import (
    CATALOG,
    IN_FOLDERS,
    NAMED_PARTS,
    PARTS,
    SEEN_EARLY,
    WRITES,
    access_types,
    restore_order,
    row,
    with_parts,
)
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.families.access_lists.owned import access_of
from lookervault_core.families.folders.backed_up import in_folders
from lookervault_core.families.users.memberships import lists_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup


class Selection(msgspec.Struct, frozen=True, rename={"deletions": "surplus"}):
    """Items by key, whole types, or folders with everything below them; `only` and `exclude` narrow the types.

    `deletions`, which vaults call `surplus`, are live objects to remove, which the backup lacks. With `deliveries`, the plans and
    alerts of recreated `keys` are included. If there are `members`, only their rows of lists of members are restored; of the users
    in `homes` only the home folder is. `bare` items come without the lists that belong to them.
    """

    keys: tuple[ContentKey, ...] = ()
    types: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    deletions: tuple[ContentKey, ...] = ()
    deliveries: bool = False
    members: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    bare: tuple[ContentKey, ...] = ()

    @classmethod
    def single(cls, content_type: str, item_id: str) -> Selection:
        name = row(content_type, restore_order()).name
        members = (item_id,) if CATALOG[name].in_lists else ()
        return cls(keys=(ContentKey(name, item_id),), deliveries=True, members=members)

    @classmethod
    def bulk(cls, *content_types: str, only: Iterable[str] = (), exclude: Iterable[str] = ()) -> Selection:
        return cls(
            types=tuple(row(content_type, restore_order()).name for content_type in content_types),
            only=tuple(only),
            exclude=tuple(exclude),
        )

    @classmethod
    def everything(cls, only: Iterable[str] = (), exclude: Iterable[str] = ()) -> Selection:
        return cls(types=restore_order(), only=tuple(only), exclude=tuple(exclude))

    @classmethod
    def folder(cls, folder_id: str, only: Iterable[str] = (), exclude: Iterable[str] = ()) -> Selection:
        return cls(folders=(folder_id,), only=tuple(only), exclude=tuple(exclude))

    def narrowed_to(self, names: Iterable[str], exclude: Iterable[str] = ()) -> Selection:
        """Return the selection narrowed to the types *names* (none: all), without the types to *exclude*.

        Raises UsageError if the selection does not have one of *names*."""
        only = tuple(row(name, restore_order()).name for name in names)
        left_out = [one for one in only if one not in self.allowed()]
        if left_out:
            raise UsageError(f"{', '.join(left_out)}: that restore leaves these types out; start a new one for them")
        return msgspec.structs.replace(self, only=only or self.only, exclude=(*self.exclude, *exclude))

    @property
    def is_small(self) -> bool:
        """Return whether the selection names its items one by one: then they are read by id and not listed."""
        return not self.types and not self.folders

    def whole_types(self) -> tuple[str, ...]:
        """Return the types that are selected as a whole, parts left out: of these, exact removes what the backup lacks."""
        names = [name for name in with_parts(self.types) if not CATALOG[name].is_part] if self.types else []
        return tuple(name for name in names if name in WRITES and name in self.allowed())

    def items(self, backup: Backup) -> dict[str, list[str]]:
        """Return the ids to restore by type, in restore order. Raises NotFound for an item that the backup does not have,
        UsageError for a type that cannot be written."""
        chosen = set(self._chosen(backup))
        allowed = self.allowed()
        found = {
            name: [one for one in backup.rows(name) if ContentKey(name, one) in chosen] for name in restore_order()
        }
        return {name: ids for name, ids in found.items() if ids and name in allowed}

    def _chosen(self, backup: Backup) -> Iterator[ContentKey]:
        yield from self.bare
        for key in self.keys:
            yield from with_own_parts(backup, key)
        if any(CATALOG[key.content_type].in_lists for key in self.keys):
            yield from lists_of(backup, self.members)
        for name in with_parts(self.types) if self.types else ():
            _require_writable(name, asked=name in self.types)
            yield from (ContentKey(name, one) for one in (backup.rows(name) if name in WRITES else ()))
            if name in SEEN_EARLY:  # the lists of who may see them are parts of another type
                yield from access_of(backup, backup.rows(name), name)
        if self.folders:
            yield from in_folders(backup, self.folders)

    def allowed(self) -> set[str]:
        names = set(with_parts(self.only)) if self.only else set(WRITES)
        return names - (set(with_parts(self.exclude)) if self.exclude else set())


def _require_writable(name: str, *, asked: bool) -> None:
    if asked and name not in WRITES:
        raise UsageError(f"{name} are kept in the vault but Looker has no way to write them; {_advice(name)}")


def _advice(name: str) -> str:
    if name.startswith("trashed_"):
        return f"restore {name.removeprefix('trashed_')} from an earlier snapshot"
    return "types that can be restored: " + ", ".join(one for one in restore_order() if not CATALOG[one].is_part)


def with_own_parts(backup: Backup, key: ContentKey) -> Iterator[ContentKey]:
    """Yield an item and the lists that belong to it."""
    _require_writable(key.content_type, asked=True)
    if not backup.has(key.content_type, key.id):
        raise NotFound(
            f"{key}: the backup does not have it; `lookervault history {key.content_type} {key.id}` says when it did"
        )
    yield key
    if CATALOG[key.content_type].seen_by:
        yield from access_of(backup, [key.id], key.content_type)
    parts = (name for name in PARTS if CATALOG[name].targets_from == key.content_type and backup.has(name, key.id))
    yield from (ContentKey(name, key.id) for name in parts)


def item_of(backup: Backup, key: ContentKey) -> ContentKey | None:
    """Return *key* if it is an item of the backup, or the item in which it is nested; None if the backup has neither."""
    if backup.has(key.content_type, key.id):
        return key
    owner = backup.holder_of(key) if key.content_type in NAMED_PARTS else None
    return ContentKey(NAMED_PARTS[key.content_type], owner) if owner else None


DeliveriesMode = Literal["off", "as-backed-up"]
Owner = Literal["me"]


class RestoreOptions(msgspec.Struct, frozen=True):
    """How to restore; kept with the session, so that a resumed run does the same. `max_dlq_size` 0 means no limit.

    `retry_delay_s` is how long to wait before a batch that failed as a whole is tried again. `undo_of` is the session that is
    undone: what people have added to objects since stays. `revert_of` are the changes that are reverted, with `theirs` also where
    somebody has edited since. `handed_over` says who hands over to whom. `deliveries` says whether plans and alerts that were on
    are switched on; by default on their own instance only. With `owner` "me" everything restored onto another instance belongs to
    the API user. With `include_login_settings` the settings of sign-in are restored too. `label` is a caller's own name for the
    run: the same caller coming back goes on with it."""

    exact: bool = False
    skip_if_modified: bool = False
    with_dependencies: bool = False
    skip_validation: bool = False
    skip_id_mapping: bool = False
    target: str | None = None
    workers: int = 8
    checkpoint_interval: int = 100
    max_retries: int = 5
    max_dlq_size: int = 0
    retry_delay_s: float = 30.0
    undo_of: str | None = None
    revert_of: tuple[str, ...] = ()
    handed_over: tuple[str, ...] = ()
    theirs: bool = False
    label: str | None = None
    deliveries: DeliveriesMode | None = None
    owner: Owner | None = None
    include_login_settings: bool = False

    @property
    def from_now(self) -> bool:
        """Return whether the restore starts from the live state with some changes, instead of a snapshot: a revert or a
        handover."""
        return bool(self.revert_of or self.handed_over)

    @property
    def delivers(self) -> DeliveriesMode:
        """Return whether the restore switches plans and alerts on."""
        return self.deliveries or ("off" if self.target else "as-backed-up")


class RestoreRequest(msgspec.Struct, frozen=True):
    """What a restore is asked for. `resume` names an earlier session to go on with; `newest` is the last one."""

    selection: Selection = Selection()
    options: RestoreOptions = RestoreOptions()
    snapshot_id: int | None = None
    resume: str | None = None


def selected(
    types: Sequence[str] | None,
    item_id: str | None,
    folder: str | None,
    only_types: Sequence[str] | None,
    exclude_types: Sequence[str] | None,
) -> Selection:
    """Return what the words of a command or the parameters of a flow select: a folder, one object, types, or all. Raises
    UsageError if `only_types` and `exclude_types` leave nothing of that."""
    only, exclude = tuple(only_types or ()), tuple(exclude_types or ())
    if folder is not None:
        found = Selection.folder(folder, only, exclude)
    elif item_id is not None:
        if not types or len(types) != 1:
            raise UsageError(f"an id needs the one type that it belongs to: `restore single TYPE {item_id}`")
        found = msgspec.structs.replace(Selection.single(types[0], item_id), only=only, exclude=exclude)
    else:
        found = Selection.bulk(*types, only=only, exclude=exclude) if types else Selection.everything(only, exclude)
    _require_any(found)
    return found


def _require_any(found: Selection) -> None:
    kinds = set(with_parts(IN_FOLDERS if found.folders else [*found.types, *(key.content_type for key in found.keys)]))
    kinds |= {name for kind in kinds & SEEN_EARLY for name in access_types(kind)}
    if not found.allowed() & kinds and kinds & set(WRITES):
        raise UsageError("nothing is left to restore: every type asked for is excluded")
