"""What a live folder holds now, which Looker would delete or trash with the folder."""

from __future__ import annotations

from collections.abc import Container

from lookervault_core.catalog import CONTENT, Call
from lookervault_core.diff.document import decode
from lookervault_core.errors import Missing, PermissionRefused
from lookervault_core.families.users.outliving import Outliving
from lookervault_core.model import ContentKey
from lookervault_core.restore.live import Live

FOR_GOOD = "which Looker would delete for good"
FULL = f"something lies in it or in its trash, {FOR_GOOD}"
REPORTS = Call("search_reports", "/reports/search", {"folder_id": "{id}", "fields": "id,title"})
_NAMED = 3
CHILDREN = Call("folder_children", "/folders/{id}/children", {"fields": "id"})


def holds_anything_now(live: Live, folder_id: str, made: Container[ContentKey], outliving: Outliving) -> bool:
    """Return whether Looker would delete anything for good with a folder: a subfolder, content in it, or its content in the trash.

    Of the trash, content *made* by the restore that is undone does not count, nor what was there before without its folder."""
    if lying_in(live, folder_id):
        return True
    trashed = (
        ContentKey(name, one)
        for name in CONTENT
        for one in ids_of(live, _search(name, "folder_id"), folder_id, deleted="true")
    )
    return any(key not in made and not outliving.had_no_folder(key, folder_id) for key in trashed)


def reports_in(live: Live, folder_id: str) -> dict[str, str]:
    """Return the Studio reports in a folder by their ids, with their titles. A Looker without such has none."""
    try:
        return {str(one["id"]): str(one.get("title") or one["id"]) for one in decode(live.fetch(REPORTS, folder_id))}
    except (Missing, PermissionRefused):
        return {}


def held_by_reports(live: Live, folder_id: str) -> str:
    """Return why a folder must stay for the Studio reports in it, or "": no call makes one."""
    titles = [f"“{title}”" for title in reports_in(live, folder_id).values()]
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    lie = "the Studio reports {0} lie" if len(titles) > 1 else "the Studio report {0} lies"
    return (
        f"{lie.format(', '.join(titles[:_NAMED]) + more)} in it, which no backup has and {FOR_GOOD}" if titles else ""
    )


def lying_in(live: Live, folder_id: str) -> set[ContentKey]:
    """Return the folders and the content directly in a folder, without the trash."""
    folders = {ContentKey("folders", one) for one in ids_of(live, CHILDREN, folder_id)}
    return folders | live_content(live, "folder_id", folder_id)


def holds_work(live: Live, folder_id: str, made: Container[ContentKey]) -> bool:
    """Return whether live content, a Studio report, or a folder other than those *made* by the restore that is undone, lies in a
    folder or below."""
    if live_content(live, "folder_id", folder_id) or held_by_reports(live, folder_id):
        return True
    return any(
        ContentKey("folders", one) not in made or holds_work(live, one, made)
        for one in ids_of(live, CHILDREN, folder_id)
    )


def live_content(live: Live, field: str, value: str) -> set[ContentKey]:
    """Return the live dashboards and looks that have *value* in *field*, without those in the trash."""
    return {
        ContentKey(name, one) for name in CONTENT for one in ids_of(live, _search(name, field), value, deleted="false")
    }


def _search(name: str, field: str) -> Call:
    return Call(f"search_{name}", f"/{name}/search", {field: "{id}", "fields": "id"})


def ids_of(live: Live, call: Call, target: str, **where: str) -> list[str]:
    try:
        return [str(row["id"]) for row in decode(live.fetch(call, target, where))]
    except Missing:  # it is gone
        return []
