"""The functions that match objects where neither ids nor natural keys do, by type. They know no plan and write nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec

from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.access_lists.metadata import find_metadata, prefetch_metadata
from lookervault_core.families.appearance.identity import default_theme, standard_colors
from lookervault_core.families.appearance.palettes import palette_keys, palettes
from lookervault_core.families.connected.identity import named_by_connections, shown_by_client
from lookervault_core.families.dashboards.behind import merges_behind
from lookervault_core.families.folders.special import is_personal, personal_folder, special_folder
from lookervault_core.families.users.naming import names_of_user
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


class Identity(msgspec.Struct, frozen=True):
    """The functions of one type. `standard` returns the ids that are the same object on every Looker, `preferred` the id to take
    among several objects of one name, `names` the fields of natural keys that a payload has in another form.

    `by_owner` finds an object by its owner, `special` the live id of one with a special purpose; `is_special` says that a payload
    can be matched in no other way, `unlisted` finds an object that the backup itself lacks. `prefetch` reads at once the live
    objects that match ids. `behind` returns objects that a payload names only by id and that hold references too. `inner` returns
    things in a payload that have ids and are no nested objects, `paired` which of those in two payloads match.

    `narrowly` reads an object that no listing shows by fields of the backup's payload; `doubted` returns why nobody can tell
    whether an object exists that no call shows, or ""."""

    standard: Callable[[Live], frozenset[str]] = lambda _: frozenset()
    preferred: Callable[[Live], str | None] = lambda _: None
    names: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] = lambda *_: {}
    by_owner: Callable[[Live, Backup, Resolve, Any], Found | None] | None = None
    special: Callable[[Live, Backup, Resolve, str, Any], str | None] = lambda *_: None
    is_special: Callable[[Any], bool] = lambda _: False
    unlisted: Callable[[Live, Backup, Resolve, str], str | None] = lambda *_: None
    prefetch: Callable[[Live, Backup, Iterable[str]], None] | None = None
    behind: Callable[[Backup, Wanted], bytes] = lambda *_: b""
    inner: Callable[[Mapping[str, Any]], Collection[ContentKey]] = lambda _: ()
    paired: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[ContentKey, str]] = lambda *_: {}
    narrowly: Callable[[Live, str, Any], bytes | None] = lambda *_: None
    doubted: Callable[[Live, Backup, str], str] = lambda *_: ""


_IDENTITIES: Mapping[str, Identity] = {
    "users": Identity(names=names_of_user),
    "folders": Identity(special=special_folder, is_special=is_personal, unlisted=personal_folder),
    "content_metadata": Identity(by_owner=find_metadata, prefetch=prefetch_metadata),
    "dashboards": Identity(behind=merges_behind),
    "themes": Identity(preferred=default_theme),
    "external_oauth_applications": Identity(narrowly=shown_by_client, doubted=named_by_connections),
    "color_collections": Identity(standard=standard_colors, inner=palette_keys, paired=palettes),
}
_PLAIN = Identity()


def identity_of(content_type: str) -> Identity:
    """Return the functions with which a family tells objects of a type apart; an empty set of them for a plain type."""
    return _IDENTITIES.get(content_type, _PLAIN)
