"""The signs of trouble that are counted each night, and the words for each. Pure.

A night is unusual by a sign if it counts more than `floor`, and at least twice what all but a tenth of the nights before it did.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Sign(StrEnum):
    """A sign of trouble. Its value never changes, for it is in vaults, events and documents."""

    DELETED = "deleted"
    FOR_GOOD = "deleted_for_good"
    SET_UP = "set_up_deleted"
    SHRUNK = "shrunk"
    PARTS = "parts_lost"
    TABS = "tabs_lost"
    STOPPED = "deliveries_stopped"
    RECIPIENTS = "new_domain"
    OPENED = "opened_to_all"
    CLOSED = "access_removed"
    ADMIN = "admin_granted"
    MEMBERS = "members_lost"
    RIGHTS = "rights_changed"
    LOGINS = "logins_changed"
    SETTINGS = "settings_changed"
    GIVEN = "given_away"
    AUTHOR = "one_author"


class Words(msgspec.Struct, frozen=True):
    """The words for a sign, for one and for more; `look` are the arguments with which `lookervault log` shows it."""

    one: str
    more: str
    floor: int
    look: str = ""


WORDS: dict[Sign, Words] = {
    Sign.DELETED: Words("object was deleted", "objects were deleted", 3, "--kind deleted"),
    Sign.FOR_GOOD: Words(
        "folder, dashboard or look was deleted for good, and is not in Looker's trash",
        "folders, dashboards and looks were deleted for good, and are not in Looker's trash",
        1,
        "--kind deleted",
    ),
    Sign.SET_UP: Words(
        "user, group, role, attribute, board, theme or the like was deleted",
        "users, groups, roles, attributes, boards, themes and the like were deleted",
        0,
        "--kind deleted",
    ),
    Sign.SHRUNK: Words("object fewer", "objects fewer", 2, "--kind deleted"),
    Sign.PARTS: Words(
        "tile, filter or tab was taken off a dashboard, or cut off from its filters",
        "tiles, filters and tabs were taken off dashboards, or cut off from their filters",
        2,
        "--kind changed",
    ),
    Sign.TABS: Words("tab of a dashboard was deleted", "tabs of dashboards were deleted", 0, "--kind changed"),
    Sign.STOPPED: Words(
        "schedule or alert was deleted or switched off", "schedules and alerts were deleted or switched off", 1
    ),
    Sign.RECIPIENTS: Words(
        "recipient has a mail domain that no schedule, alert or user had before",
        "recipients have a mail domain that no schedule, alert or user had before",
        0,
    ),
    Sign.OPENED: Words("access list was opened to all users", "access lists were opened to all users", 0),
    Sign.CLOSED: Words("entry of an access list was removed", "entries of access lists were removed", 1),
    Sign.ADMIN: Words("user or group was made an admin", "users and groups were made admins", 0),
    Sign.MEMBERS: Words(
        "membership of a group or holder of a role is gone", "memberships of groups and holders of roles are gone", 1
    ),
    Sign.RIGHTS: Words(
        "role, permission set or model set was changed", "roles, permission sets and model sets were changed", 0
    ),
    Sign.LOGINS: Words("user's e-mail address was changed", "users' e-mail addresses were changed", 0),
    Sign.SETTINGS: Words("setting of the whole instance was changed", "settings of the whole instance were changed", 0),
    Sign.GIVEN: Words(
        "dashboard or look was given to another owner", "dashboards and looks were given to another owner", 1
    ),
    Sign.AUTHOR: Words("change is of one person", "changes are of one person", 20),
}
