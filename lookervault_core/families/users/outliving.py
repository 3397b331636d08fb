"""What Looker keeps when it deletes the owner or the folder of an object, as the state before a restore proves.

Sources disagree on what Looker deletes together with a user or a folder. An object that was there before the restore, although its
owner or folder was gone, has outlived that one, and will outlive the recreated one too.
"""

from __future__ import annotations

from collections.abc import Collection

from lookervault_core.catalog import CONTENT, lies_in_trash
from lookervault_core.diff.document import decode
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination

_SENT = {"dashboards": "dashboard_id", "looks": "look_id"}
_OWNER = {"alerts": "owner_id"}


def owner_field(content_type: str) -> str:
    """Return the field that names the owner of an object."""
    return _OWNER.get(content_type, "user_id")


def plans_on(source: Backup, before: Backup) -> frozenset[ContentKey]:
    """Return the plans of the backup *source* on content that had the same owner in the state *before* a restore.

    Where that owner was gone by then, a plan that is still there has outlived the owner of the content that it sends."""
    same_owner = {
        ContentKey(name, row)
        for name in CONTENT
        for row in before.rows(name)
        if source.has(name, row) and _owner_in(source, name, row) == _owner_in(before, name, row) is not None
    }
    plans = ((row, source.readable("scheduled_plans", row) or {}) for row in source.rows("scheduled_plans"))
    return frozenset(
        ContentKey("scheduled_plans", one)
        for one, plan in plans
        if any(ContentKey(name, str(plan.get(field))) in same_owner for name, field in _SENT.items())
    )


def _owner_in(side: Backup, content_type: str, item_id: str) -> str | None:
    owner = (side.readable(content_type, item_id) or {}).get("user_id")
    return None if owner is None else str(owner)


class Outliving:
    """Knows what stays in Looker when an undo removes a user or folder that its restore made. *before* is the state before that
    restore, *plans* is what `plans_on` returned."""

    def __init__(self, before: Backup, destination: Destination, plans: Collection[ContentKey] = frozenset()) -> None:
        self._before, self._destination, self._plans = before, destination, plans

    def plan(self, plan_id: str) -> bool:
        """Return whether a plan would outlive the owner of the content that it sends, given that this owner was gone before the
        restore."""
        return ContentKey("scheduled_plans", plan_id) in self._plans

    def had_no_owner(self, key: ContentKey) -> bool:
        """Return whether the owner of an object was gone before the restore."""
        before = self._before.readable(key.content_type, key.id)
        owner = before.get(owner_field(key.content_type)) if before is not None else None
        return owner is not None and self._destination.resolve("users", str(owner)) is None

    def had_no_folder(self, key: ContentKey, folder_id: str) -> bool:
        """Return whether a dashboard or look was in the trash before the restore although its folder was gone; the restore made
        the folder again as *folder_id*. False for personal folders: their content is trashed with the user."""
        before = self._before.readable(key.content_type, key.id)
        if before is None or not lies_in_trash(before) or str(before.get("folder_id")) == folder_id:
            return False
        live = self._destination.live
        folder = decode(live.read("folders", folder_id) or b"{}")
        personal = folder.get("is_personal") or folder.get("is_personal_descendant")
        return not personal and not live.exists("folders", str(before.get("folder_id")))
