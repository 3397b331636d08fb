"""Which changes are signs of trouble, by type: objects lost, access opened, somebody made an admin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.families.delivery.switching import SWITCHES
from lookervault_core.watching.signs import Sign

CONTENT = ("dashboards", "looks")
GROUPS, ROLES, PERSON = "groups", "roles", "users"
DELIVERIES = tuple(SWITCHES)
# What people make and throw away; and what an instance is set up with, which goes rarely and takes much along: with a user go
# their schedules.
_EVERYDAY = (*CONTENT, *DELIVERIES, "folders")
_SET_UP = frozenset(
    (
        *(
            "users",
            "groups",
            "roles",
            "permission_sets",
            "model_sets",
            "user_attributes",
            "boards",
            "themes",
            "color_collections",
        ),
        *(
            "agents",
            "lookml_models",
            "connections",
            "projects",
            "integrations",
            "oauth_client_apps",
            "homepage_sections",
        ),
        *("external_oauth_applications", "ssh_servers", "ssh_tunnels", "ci_suites"),
    )
)
COUNTED = (*_EVERYDAY, *sorted(_SET_UP))
_DEFAULTS = ("default_theme", "default_themes", "default_color_collection")
_SETTINGS = ("instance_settings", *_DEFAULTS, "connections", "legacy_features")
_RIGHTS = ("roles", "permission_sets", "model_sets")
_TAB = "dashboard_layouts"
_PARTS = ("dashboard_elements", "dashboard_filters", _TAB)
# What `lookervault log` is asked to show a sign.
LOOKS: Mapping[Sign, str] = {
    Sign.PARTS: "dashboards",
    Sign.TABS: "dashboards",
    Sign.OPENED: "content_metadata_accesses",
    Sign.CLOSED: "content_metadata_accesses",
    Sign.LOGINS: PERSON,
}


class Field(msgspec.Struct, frozen=True):
    """One changed field: its path, the old and the new value."""

    path: str
    old: Any
    new: Any


class Changed(msgspec.Struct, frozen=True):
    """The parts of a change that show signs of trouble. `is_for_good` says that the object is deleted and in no trash."""

    content_type: str
    id: str
    kind: str
    fields: tuple[Field, ...] = ()
    is_for_good: bool = False


class Ground(msgspec.Struct, frozen=True):
    """The ids of the groups that hold everybody, and of the roles that make an admin, on one instance."""

    everybody: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()


Signs = Iterator[tuple[str, int]]


def signs(one: Changed, ground: Ground) -> Signs:
    """Yield (sign, count) for each sign of trouble that one change shows."""
    if one.kind == "deleted":
        yield from _gone(one)
    elif look := _LOOKED_AT.get(one.content_type):
        yield from look(one, ground)
    if one.kind != "created" and one.content_type in _SETTINGS:
        yield Sign.SETTINGS, max(1, len(one.fields))
    if one.kind == "changed" and one.content_type in _RIGHTS:
        yield Sign.RIGHTS, 1


def recipients(content_type: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield the mail addresses that a schedule or an alert sends to, or that a user has."""
    field, address = _ADDRESSES[content_type]
    for row in payload.get(field) or () if field else (payload,):
        said = row.get(address) if isinstance(row, Mapping) else None
        if isinstance(said, str) and "@" in said:
            yield said


def _gone(one: Changed) -> Signs:
    if one.content_type in COUNTED:
        yield Sign.DELETED, 1
    if one.content_type in _SET_UP:
        yield Sign.SET_UP, 1
    if one.content_type in DELIVERIES:
        yield Sign.STOPPED, 1
    if one.content_type == "folders" or (one.is_for_good and CATALOG[one.content_type].trash):
        yield Sign.FOR_GOOD, 1


def _dashboard(one: Changed, ground: Ground) -> Signs:
    lost = [field for field in one.fields if _is_lost_part(field)]
    if lost:
        yield Sign.PARTS, len(lost)
    if tabs := sum(field.path.startswith(_TAB) and "." not in field.path for field in lost):
        yield Sign.TABS, tabs
    yield from _content(one, ground)


def _is_lost_part(field: Field) -> bool:
    whole = field.path.count(".") == 0 and field.path.startswith(_PARTS) and field.new is None
    return whole or (field.path.endswith(".listen") and bool(field.old) and not field.new)


def _content(one: Changed, _: Ground) -> Signs:
    if any(field.path == "user_id" and field.old for field in one.fields):
        yield Sign.GIVEN, 1


def _delivery(one: Changed, _: Ground) -> Signs:
    switch, on = SWITCHES[one.content_type]
    if any(field.path == switch and field.old is on and field.new is not on for field in one.fields):
        yield Sign.STOPPED, 1


def _access_list(one: Changed, ground: Ground) -> Signs:
    rows = [field for field in one.fields if isinstance(field.new or field.old, Mapping)]
    if any(str((field.new or {}).get("group_id")) in ground.everybody for field in rows):
        yield Sign.OPENED, 1
    for field in rows:
        if field.new is None:  # who is shut out with all users is more than one
            yield Sign.CLOSED, 2 if str(field.old.get("group_id")) in ground.everybody else 1


def _inheriting(one: Changed, _: Ground) -> Signs:
    if any(field.path == "inherits" and field.new is True for field in one.fields):
        yield Sign.CLOSED, 1


def _holders(one: Changed, ground: Ground) -> Signs:
    more = sum(field.old is None and field.new is not None for field in one.fields)
    if more and one.id in ground.admins:
        yield Sign.ADMIN, more
    yield from _members(one, ground)


def _members(one: Changed, _: Ground) -> Signs:
    if less := sum(field.new is None and field.old is not None for field in one.fields):
        yield Sign.MEMBERS, less


def _person(one: Changed, _: Ground) -> Signs:
    if any(field.path == "email" and field.old for field in one.fields):
        yield Sign.LOGINS, 1


_LOOKED_AT: Mapping[str, Callable[[Changed, Ground], Signs]] = {
    "dashboards": _dashboard,
    "looks": _content,
    "scheduled_plans": _delivery,
    "alerts": _delivery,
    "content_metadata_accesses": _access_list,
    "content_metadata": _inheriting,
    "role_users": _holders,
    "role_groups": _holders,
    "group_users": _members,
    "users": _person,
}
# The list of those that are sent to, "" for the object itself, and the field with the address.
_ADDRESSES = {
    "scheduled_plans": ("scheduled_plan_destination", "address"),
    "alerts": ("destinations", "email_address"),
    "users": ("", "email"),
}
