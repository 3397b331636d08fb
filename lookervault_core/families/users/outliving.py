"""What stays in a Looker when its owner or its folder goes, as the state before a restore proves.

Sources disagree on what Looker deletes together with a user or a folder. Whatever was found there with an owner or a folder that
was gone has outlived that one, and will outlive the one that the restore gave it.
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
    """Return the plans of the backup *source* on content that had the same owner in the state *before* a restore. If that owner was
    gone then, a plan that is still there has stayed when Looker deleted the owner of what it sends."""
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
    """Knows what a user or a folder that a restore made, and that is to go, leaves behind. *before* is the state before that
    restore, *plans* are those of `plans_on`."""

    def __init__(self, before: Backup, destination: Destination, plans: Collection[ContentKey] = frozenset()) -> None:
        self._before, self._destination, self._plans = before, destination, plans

    def plan(self, plan_id: str) -> bool:
        """Return whether a plan stays when the owner of what it sends goes, if that owner was gone before the restore."""
        return ContentKey("scheduled_plans", plan_id) in self._plans

    def had_no_owner(self, key: ContentKey) -> bool:
        """Return whether the owner of an object was gone before the restore."""
        before = self._before.readable(key.content_type, key.id)
        owner = before.get(owner_field(key.content_type)) if before is not None else None
        return owner is not None and self._destination.resolve("users", str(owner)) is None

    def had_no_folder(self, key: ContentKey, folder_id: str) -> bool:
        """Return whether a dashboard or look lay in the trash before the restore although its folder, which that made again as
        *folder_id*, was gone. What lies in a personal folder goes into the trash with its user: that proves nothing of folders."""
        before = self._before.readable(key.content_type, key.id)
        if before is None or not lies_in_trash(before) or str(before.get("folder_id")) == folder_id:
            return False
        live = self._destination.live
        folder = decode(live.read("folders", folder_id) or b"{}")
        personal = folder.get("is_personal") or folder.get("is_personal_descendant")
        return not personal and not live.exists("folders", str(before.get("folder_id")))
