"""Writes on folders and on who may see folders and boards."""

from looker_simulator import people, schema
from looker_simulator import shapes_content as content
from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Refused, Reply, detail, not_found
from looker_simulator.cascades import remove_folder
from looker_simulator.reading import shown
from looker_simulator.seed.folders import metadata
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Change, Problems, Resource, gone, values_of, write

_ROOTS = ("is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")
_OWN_LIST = ("folder", "homepage", "agent")
_RIGHTS = ("view", "edit")


def _guard(_call: Call, row: Row) -> None:
    if row["id"] == "lookml" or any(row[flag] for flag in _ROOTS):
        raise Refused(405, "Root folders cannot be changed")
    if row["is_personal"]:
        raise Refused(405, "Personal folders come and go with their user")


def _check_folder(change: Change) -> None:
    world, row = change.world, change.row
    parent = world["folders"].get(row["parent_id"])
    for field in ("name", "parent_id"):
        if field in change.values and not row[field]:
            change.problems.missing(field)
    if change.problems.found:
        return
    if parent is None or parent["id"] == "lookml" or parent["is_users_root"] or parent["is_embed_users_root"]:
        raise not_found()  # absent, or nobody may put a folder there
    if change.before is not None and row["id"] in _upwards(world, parent):
        change.problems.invalid("parent_id", "A folder cannot be inside itself.")
    change.unique(world["folders"].where("parent_id", parent["id"]), "name", "Folder")
    change.set(
        is_embed=parent["is_embed"],
        is_personal_descendant=bool(parent["is_personal"] or parent["is_personal_descendant"]),
    )


def _upwards(world: World, folder: Row) -> list[str]:
    found = [folder["id"]]
    while folder["parent_id"] in world["folders"]:
        folder = world["folders"].rows[folder["parent_id"]]
        found.append(folder["id"])
    return found


def _settle(change: Change) -> None:
    world, row = change.world, change.row
    parent_meta = world["folders"].rows[row["parent_id"]]["content_metadata_id"]
    if change.before is None:
        meta = metadata(world, "folder", parent_meta)
        world["content_metadata"].change(meta, folder_id=row["id"])
        world["folders"].change(
            row["id"], content_metadata_id=meta, created_at=world.now(), creator_id=change.call.actor.user_id
        )
    elif change.before["parent_id"] != row["parent_id"]:
        world["content_metadata"].change(row["content_metadata_id"], parent_id=parent_meta)


FOLDERS = Resource(
    name="folder",
    table="folders",
    path="/folders",
    shape=content.FOLDER,
    body="UpdateFolder",
    new_body="CreateFolder",
    remove=remove_folder,
    required=("name", "parent_id"),
    guard=_guard,
    check=_check_folder,
    done=_settle,
)


def _delete_folder(call: Call) -> Reply:
    row = FOLDERS.row(call, call.path["folder_id"])
    _guard(call, row)
    remove_folder(call.world, row["id"], call.actor.user_id)
    return gone()


def _metadata_row(call: Call, metadata_id: str) -> Row:
    row = call.world["content_metadata"].get(metadata_id)
    if row is None:
        raise not_found()
    return row


def _update_metadata(call: Call) -> Reply:
    """``inherits: false`` copies the rows that counted so far; ``true`` drops the object's own."""
    row, problems, world = _metadata_row(call, call.path["content_metadata_id"]), Problems(), call.world
    values = values_of(call, "ContentMeta", problems)
    wanted = values.pop("inherits", row["inherits"])
    if not wanted and row["content_type"] not in _OWN_LIST:
        problems.invalid("inherits", "Only folders, boards and agents have an access list of their own.")
    if wanted and world["content_metadata"].get(row["parent_id"]) is None:
        problems.invalid("inherits", "There is nothing to inherit from.")
    problems.stop()
    world["content_metadata"].change(row["id"], **values)
    if row["inherits"] and not wanted:
        above = people.inheriting_id(world, row)
        world["content_metadata"].change(row["id"], inherits=False)
        for access in world["content_metadata_access"].where("content_metadata_id", above):
            world["content_metadata_access"].add(access | {"id": None, "content_metadata_id": row["id"]})
    elif wanted and not row["inherits"]:
        for access in world["content_metadata_access"].where("content_metadata_id", row["id"]):
            world["content_metadata_access"].remove(access["id"])
        world["content_metadata"].change(row["id"], inherits=True)
    return shown(call, shape.CONTENT_META, world["content_metadata"].rows[row["id"]])


_ACCESS = ("content_metadata_id", "permission_type", "group_id", "user_id")


def _access_values(call: Call) -> tuple[Row, Problems]:
    problems = Problems()
    values = values_of(call, "ContentMetaGroupUser", problems, forced=_ACCESS)
    if values.get("permission_type") not in _RIGHTS:
        problems.invalid("permission_type", "permission_type must be view or edit.")
    return values, problems


def _create_access(call: Call) -> Reply:
    world, (values, problems) = call.world, _access_values(call)
    if not values.get("content_metadata_id"):
        problems.missing("content_metadata_id")
        problems.stop()
    meta = _metadata_row(call, values["content_metadata_id"])
    if meta["inherits"]:
        problems.invalid("content_metadata_id", "It inherits its access list.")
    who = [(table, values[field]) for field, table in _WHO.items() if values.get(field) is not None]
    if len(who) != 1:
        problems.add("group_id", "invalid", "Exactly one of group_id and user_id is required.")
    for table, row_id in who:
        if row_id not in world[table]:
            problems.invalid(table[:-1] + "_id", f"{table[:-1]} {row_id} does not exist.")
    there = world["content_metadata_access"].where("content_metadata_id", meta["id"])
    if any(all(row[field] == values.get(field) for field in _WHO) for row in there):
        problems.taken("content_metadata_id", "Access for this group or user")
    problems.stop()
    access = schema.new("ContentMetaGroupUser", **values)
    access.pop("can", None)
    return shown(call, shape.ACCESS, world["content_metadata_access"].add(access))


_WHO = {"group_id": "groups", "user_id": "users"}


def _access_row(call: Call) -> Row:
    row = call.world["content_metadata_access"].get(call.path["content_metadata_access_id"])
    if row is None:
        raise not_found()
    return row


def _update_access(call: Call) -> Reply:
    row, (values, problems) = _access_row(call), _access_values(call)
    if any(values.get(field, row[field]) != row[field] for field in (*_WHO, "content_metadata_id")):
        problems.found.append(detail("group_id", "invalid", "Only permission_type can be changed."))
    problems.stop()
    more = call.world.api.unheard_of("ContentMetaGroupUser", values)
    changed = call.world["content_metadata_access"].change(row["id"], permission_type=values["permission_type"], **more)
    return shown(call, shape.ACCESS, changed)


def _delete_access(call: Call) -> Reply:
    row = _access_row(call)
    if call.world.bends.has("access_of_parents"):
        _from_the_top(call, row)
    call.world["content_metadata_access"].remove(row["id"])
    return gone()


def _from_the_top(call: Call, row: Row) -> None:
    """Refuse (422) to take out whom the list above lets edit; else take them out of the lists below too."""
    world = call.world
    meta = world["content_metadata"].rows[row["content_metadata_id"]]
    above = world["content_metadata"].get(meta["parent_id"])
    counts = (people.inheriting_id(world, above) or above["id"]) if above is not None else None
    if any(_is_of(one, row) and one["permission_type"] == "edit" for one in _rows_of(world, counts)):
        problems = Problems()
        problems.invalid("group_id", "It may edit the folder above.")
        problems.stop()
    waiting = [meta["id"]]
    while waiting:
        below = world["content_metadata"].where("parent_id", waiting.pop())
        waiting += [one["id"] for one in below]
        for gone_too in [one for child in below for one in _rows_of(world, child["id"]) if _is_of(one, row)]:
            world["content_metadata_access"].remove(gone_too["id"])


def _rows_of(world: World, metadata_id: str | None) -> list[Row]:
    return world["content_metadata_access"].where("content_metadata_id", metadata_id)


def _is_of(one: Row, other: Row) -> bool:
    return all(one[field] == other[field] for field in _WHO)


_ONE = "/content_metadata_access/{content_metadata_access_id}"
OPERATIONS = [
    *FOLDERS.operations(without=("delete",)),
    write("delete_folder", "DELETE", "/folders/{folder_id}", _delete_folder, "folders"),
    write(
        "update_content_metadata",
        "PATCH",
        "/content_metadata/{content_metadata_id}",
        _update_metadata,
        "content_metadata",
        body="ContentMeta",
    ),
    write(
        "create_content_metadata_access", "POST", "/content_metadata_access", _create_access, "content_metadata_access"
    ),
    write("update_content_metadata_access", "PUT", _ONE, _update_access, "content_metadata_access"),
    write("delete_content_metadata_access", "DELETE", _ONE, _delete_access, "content_metadata_access"),
]
