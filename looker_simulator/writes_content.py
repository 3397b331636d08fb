"""Writes on dashboards and looks themselves; what is nested in a dashboard has calls of its own."""

from looker_simulator import schema
from looker_simulator import shapes_content as shape
from looker_simulator.calls import Call, Refused, Reply, not_found
from looker_simulator.cascades import remove_dashboard, remove_look
from looker_simulator.reading import shown
from looker_simulator.seed.folders import metadata
from looker_simulator.seed.words import token
from looker_simulator.table import Row
from looker_simulator.writing import Change, Problems, Resource, blank, values_of, write

_KINDS = {"dashboards": ("Dashboard", "dashboard_id"), "looks": ("Look", "look_id")}


def _not_lookml(call: Call, dashboard_id: str) -> None:
    if dashboard_id in call.world["lookml_dashboards"] or "::" in dashboard_id:
        raise Refused(405, "LookML dashboards cannot be changed")


def _check_place(change: Change) -> None:
    """Folder, owner, trash and the title, which is unique among what is alive in the folder."""
    world, row, table = change.world, change.row, change.call.operation.table
    _find_a_place(change)
    if row.get("folder_id") in (None, ""):
        change.problems.missing("folder_id")
    elif (change.before is None or change.gives("folder_id", "deleted")) and not _is_folder(change):
        change.problems.invalid("folder_id", "Folder does not exist.")
    change.refers("user_id", "users")
    moved_or_named = change.before is None or change.gives("title", "folder_id", "deleted")
    if moved_or_named and row.get("title") and not row["deleted"]:
        others = [r for r in world[table].where("folder_id", row["folder_id"]) if r["id"] != row["id"]]
        if any(other["title"] == row["title"] and not other["deleted"] for other in others):
            change.problems.taken("[:title, :space_id]", f"{_KINDS[table][0]} with this title")
    if change.before is None:
        owner = row.get("user_id") or change.call.actor.user_id
        change.set(user_id=owner, favorite_count=0, view_count=0, usage_count=0, deleted=bool(row["deleted"]))
    if change.gives("deleted"):
        _trash_or_recover(change)


def _is_folder(change: Change) -> bool:
    return change.row["folder_id"] in change.world["folders"] and change.row["folder_id"] != "lookml"


def _trash_or_recover(change: Change) -> None:
    was = bool(change.before and change.before["deleted"])
    if change.row["deleted"] and not was:
        change.set(deleted_at=change.world.now(), deleter_id=change.call.actor.user_id)
    elif not change.row["deleted"]:
        change.set(deleted_at=None, deleter_id=None)


def _find_a_place(change: Change) -> None:
    """Content whose folder is gone comes out of the trash into the caller's own one, where the instance does that."""
    world, fetched = change.world, change.before is not None and change.before["deleted"] and not change.row["deleted"]
    if fetched and world.bends.has("undelete_into_admin_folder") and not _is_folder(change):
        change.set(folder_id=world["users"].rows[change.call.actor.user_id]["personal_folder_id"])


def _settle(change: Change) -> None:
    """Keep the content metadata below that of the folder; new content gets its own."""
    world, row = change.world, change.row
    table = change.call.operation.table
    folder = world["folders"].get(row["folder_id"])
    parent = folder["content_metadata_id"] if folder else None
    if change.before is None:
        meta = metadata(world, table[:-1], parent)
        world["content_metadata"].change(meta, **{_KINDS[table][1]: row["id"]})
        world[table].change(row["id"], content_metadata_id=meta)
    elif change.before["folder_id"] != row["folder_id"] and row["content_metadata_id"] in world["content_metadata"]:
        world["content_metadata"].change(row["content_metadata_id"], parent_id=parent)


def _check_dashboard(change: Change) -> None:
    world, row = change.world, change.row
    if change.before is None:
        change.set(slug=row.get("slug") or token(world.random))
        for name, value in _NEW_DASHBOARD.items():
            if name not in change.values:
                change.set(**{name: value})
    if change.gives("slug"):
        change.unique(world["dashboards"].where("slug", row["slug"]), "slug", "Dashboard")
    _check_place(change)


def _new_dashboard(change: Change) -> None:
    if change.before is None:
        layout = blank(shape.LAYOUT) | {"dashboard_id": change.row["id"], "type": "newspaper", "active": True}
        change.world["dashboard_layouts"].add(layout)
    _settle(change)


def _check_look(change: Change) -> None:
    change.refers("query_id", "queries")
    if change.before is None and not change.row.get("query_id"):
        change.problems.missing("query_id")
    if change.before is None:
        change.set(public_slug=token(change.world.random, 10))
    _check_place(change)


_NEW_DASHBOARD = {
    "preferred_viewer": "dashboards-next",
    "load_configuration": "prefetch_cache_run",
    "show_title": True,
    "show_filters_bar": True,
}
DASHBOARDS = Resource(
    name="dashboard",
    table="dashboards",
    path="/dashboards",
    shape=shape.DASHBOARD,
    body="Dashboard",
    remove=remove_dashboard,
    required=("title",),
    guard=lambda call, row: _not_lookml(call, row["id"]),
    check=_check_dashboard,
    done=_new_dashboard,
)
LOOKS = Resource(
    name="look",
    table="looks",
    path="/looks",
    shape=shape.LOOK_WITH_QUERY,
    body="LookWithQuery",
    remove=remove_look,
    required=("title",),
    check=_check_look,
    done=_settle,
)


def _on_dashboard(call: Call) -> Row:
    _not_lookml(call, call.path["dashboard_id"])
    return DASHBOARDS.row(call, call.path["dashboard_id"])


def _update_dashboard(call: Call) -> Reply:
    return DASHBOARDS.update(call, _on_dashboard(call))


def _delete_dashboard(call: Call) -> Reply:
    remove_dashboard(call.world, _on_dashboard(call)["id"])
    return Reply(b"", status=204, headers=[])


def _move_dashboard(call: Call) -> Reply:
    return _move(call, DASHBOARDS, _on_dashboard(call))


def _move_look(call: Call) -> Reply:
    return _move(call, LOOKS, LOOKS.row(call, call.path["look_id"]))


def _move(call: Call, resource: Resource, row: Row) -> Reply:
    folder_id = call.params.get("folder_id", "")
    if folder_id not in call.world["folders"]:
        raise not_found()
    if folder_id == row["folder_id"]:
        raise Refused(400, "The content is in this folder already")
    return resource.update(call, row, {"folder_id": folder_id})


def _certify_dashboard(call: Call) -> Reply:
    return _certify(call, DASHBOARDS, _on_dashboard(call))


def _certify_look(call: Call) -> Reply:
    return _certify(call, LOOKS, LOOKS.row(call, call.path["look_id"]))


def _certify(call: Call, resource: Resource, row: Row) -> Reply:
    problems = Problems()
    values = values_of(call, "Certification", problems)
    status = values.get("certification_status")
    if status not in (None, "certified", "revoked"):
        problems.invalid("certification_status")
    problems.stop()
    note = {"certification_status": status, "notes": values.get("notes"), "updated_at": call.world.now()}
    certified = schema.new("Certification") | note | {"user_name": shape.user_name(call.world, call.actor.user_id)}
    changed = call.world[resource.table].change(row["id"], certification_metadata=certified)
    return shown(call, resource.shape, changed)


OPERATIONS = [
    *DASHBOARDS.operations(without=("update", "delete")),
    write("update_dashboard", "PATCH", "/dashboards/{dashboard_id}", _update_dashboard, "dashboards", body="Dashboard"),
    write("delete_dashboard", "DELETE", "/dashboards/{dashboard_id}", _delete_dashboard, "dashboards"),
    write("move_dashboard", "PATCH", "/dashboards/{dashboard_id}/move", _move_dashboard, "dashboards"),
    write(
        "update_dashboard_certification",
        "PATCH",
        "/dashboards/{dashboard_id}/certification",
        _certify_dashboard,
        "dashboards",
    ),
    *LOOKS.operations(),
    write("move_look", "PATCH", "/looks/{look_id}/move", _move_look, "looks"),
    write(
        "update_look_certification",
        "PATCH",
        "/looks/{look_id}/certification",
        _certify_look,
        "looks",
        body="Certification",
    ),
]
