"""Damages to fields that are newer than the others. See ``wreck.py``."""

from looker_simulator import people
from looker_simulator.seed.future import ROWS, drawn, has_newer
from looker_simulator.seed.words import token
from looker_simulator.table import Row
from looker_simulator.vandal import Vandal

# Queries never change, and connections belong to nobody who edits content.
_NEVER = ("queries", "merge_queries", "connections")
_STANDARD = ("google", "looker")


def _change(v: Vandal) -> None:
    for table in ROWS:
        if table in _NEVER or not has_newer(v.world.api, table):
            continue
        for row in v.take(table, 2, lambda row, table=table: _is_anybodys(v, table, row)):
            v.change(table, row, **drawn(v.world.api, v.random, table, row, anew=True))
            v.note(f"{table}: {v.title(row)} has other values in its newer fields")


def _query(v: Vandal) -> None:
    if not has_newer(v.world.api, "queries"):
        return
    for row in v.take("looks", 1):
        query = v.world["queries"].rows[row["query_id"]]
        other = query | drawn(v.world.api, v.random, "queries", query, anew=True)
        other |= {"id": None, "slug": token(v.random), "client_id": token(v.random)}
        v.change("looks", row, query_id=v.world["queries"].add(other)["id"])
        v.note(f"look {v.title(row)} shows a query with other values in its newer fields")


def _is_anybodys(v: Vandal, table: str, row: Row) -> bool:
    """Return whether a row is neither Looker's own nor the caller's."""
    world = v.world
    if table == "users":
        return v.ordinary(row)
    if table == "groups":
        return not row["include_by_default"] and row["id"] not in people.all_groups_of(world, world.admin_user_id)
    if table == "content_metadata":
        folder = world["folders"].get(row["folder_id"])
        return folder is not None and _is_anybodys(v, "folders", folder)
    flags = ("is_personal", "is_embed", "built_in", "all_access", "internal", "is_system", "_deleted", "deleted_at")
    owned = any(row.get(flag) for flag in flags) or (table == "folders" and not row["parent_id"])
    standard = table == "color_collections" and row["id"].startswith(_STANDARD)
    return not owned and not standard and row.get("id") != "lookml" and not _is_off(v, table, row)


def _is_off(v: Vandal, table: str, row: Row) -> bool:
    """Return whether a row is part of a dashboard or board that lies in the trash, or the Admin role."""
    if table.startswith("board_"):
        section = v.world["board_sections"].get(row.get("board_section_id")) or row
        return bool(v.world["boards"].rows[section["board_id"]]["deleted_at"] or section["deleted_at"])
    layout = v.world["dashboard_layouts"].get(row.get("dashboard_layout_id")) or {}
    dashboard_id = row.get("dashboard_id") or layout.get("dashboard_id")
    dashboard = v.world["dashboards"].get(dashboard_id) if table.startswith("dashboard_") else None
    return bool(dashboard and dashboard["deleted"]) or (table == "roles" and row["id"] == v.world.admin_role_id)


DAMAGES = (_change, _query)
