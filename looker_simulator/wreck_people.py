"""Damages to users, groups, rights and user attributes. See ``wreck.py``."""

from looker_simulator import cascades, people, schema
from looker_simulator.table import Row
from looker_simulator.vandal import Vandal


def _destroy_user(v: Vandal) -> None:
    """Delete somebody who owns content: it goes to the trash, their plans go for good."""

    def owns(row: Row) -> bool:
        secret = v.has_hidden_values("user_attribute_user_values", "user_id", row["id"])
        external = any(
            v.world["groups"].rows[one]["externally_managed"] for one in people.groups_of(v.world, row["id"])
        )
        return v.ordinary(row) and not secret and not external and v.world["dashboards"].count("user_id", row["id"]) > 0

    for row in v.take("users", 1, owns):
        count = sum(v.world[table].count("user_id", row["id"]) for table in ("dashboards", "looks"))
        name = v.names.user(row["id"])
        cascades.remove_user(v.world, row["id"])
        v.note(f"user {name} deleted; {count} dashboards and looks of theirs are in the trash, their plans are gone")


def _change_users(v: Vandal) -> None:
    for row in v.take("users", 1, v.ordinary):
        v.world["credentials_email"].change(row["id"], email="somebody.else@example.com")
        v.world["users"].change(row["id"], first_name="Nobody", last_name="", locale="de")
        v.note(f"user {v.names.user(row['id'])}: name, language and e-mail changed")
    for row in v.take("users", 1, v.ordinary):
        v.world["users"].change(row["id"], is_disabled=not row["is_disabled"])
        v.note(f"user {v.names.user(row['id'])}: disabled or enabled")


def _groups(v: Vandal) -> None:
    def plain(row: Row) -> bool:
        everybody = row["id"] == v.world.all_users_group_id or row["externally_managed"]
        return not everybody and row["id"] not in people.all_groups_of(v.world, v.world.admin_user_id)

    def readable(row: Row) -> bool:
        return plain(row) and not v.has_hidden_values("user_attribute_group_values", "group_id", row["id"])

    for row in v.take("groups", 1, readable):
        cascades.remove_group(v.world, row["id"])
        v.note(f"group {v.title(row)} deleted with its memberships, rights and values")
    for row in v.take(
        "groups", 1, lambda row: plain(row) and bool(v.world["group_users"].count("group_id", row["id"]))
    ):
        members = v.world["group_users"].where("group_id", row["id"])
        for edge in members[::2]:
            v.world["group_users"].remove(edge["id"])
        v.note(f"group {v.title(row)}: {len(members[::2])} members lost")
    for row in v.take("groups", 1, plain):
        v.note(f"group {v.title(row)} renamed")
        v.world["groups"].change(row["id"], name="Old group")


def _roles(v: Vandal) -> None:
    def plain(row: Row) -> bool:
        return row["id"] != v.world.admin_role_id and not row["internal"]

    for row in v.take("roles", 1, plain):
        cascades.remove_role(v.world, row["id"])
        v.note(f"role {v.title(row)} deleted")
    for row in v.take("roles", 1, plain):
        edges = v.world["role_users"].where("role_id", row["id"]) + v.world["role_groups"].where("role_id", row["id"])
        for edge in edges:
            table = "role_users" if "user_id" in edge else "role_groups"
            v.world[table].remove(edge["id"])
        v.note(f"role {v.title(row)}: taken from everybody")
    for table, column in (("permission_sets", "permissions"), ("model_sets", "models")):
        custom = [row["id"] for row in v.world[table] if row[column] and not row["built_in"]]
        for row in v.take(table, 1, lambda row, custom=custom: row["id"] in custom):
            v.world[table].change(row["id"], **{column: row[column][:1] if len(row[column]) > 1 else []})
            v.note(f"{table[:-1].replace('_', ' ')} {v.title(row)}: cut down")


def _accesses(v: Vandal) -> None:
    own = [
        row
        for row in v.world["content_metadata"]
        if row["folder_id"] in v.world["folders"] and not row["inherits"] and row["parent_id"]
    ]
    own = [row for row in own if not v.world["folders"].rows[row["folder_id"]]["is_personal"]]
    own = [row for row in own if not v.world["folders"].rows[row["folder_id"]]["is_embed"]]
    for n, meta in enumerate(v.random.sample(own, min(2, len(own)))):
        for access in v.world["content_metadata_access"].where("content_metadata_id", meta["id"]):
            v.world["content_metadata_access"].remove(access["id"])
        if n:
            v.world["content_metadata"].change(meta["id"], inherits=True)
        else:
            _grant(v, meta)
        path = v.names.folder(meta["folder_id"])
        v.note(f"folder {path!r}: " + ("its own access list dropped" if n else "everybody else locked out"))


def _grant(v: Vandal, meta: Row) -> None:
    who = {"content_metadata_id": meta["id"], "permission_type": "view", "user_id": v.world.admin_user_id}
    v.world["content_metadata_access"].add(schema.new("ContentMetaGroupUser", **who))


def _attributes(v: Vandal) -> None:
    def plain(row: Row) -> bool:
        return not row["is_system"] and not row["value_is_hidden"]

    for row in v.take("user_attributes", 1, plain):
        cascades.remove_attribute(v.world, row["id"])
        v.note(f"user attribute {v.title(row)} deleted with its values")
    for row in v.take("user_attributes", 1, plain):
        values = v.world["user_attribute_group_values"].where("user_attribute_id", row["id"])
        for n, value in enumerate(values):
            v.world["user_attribute_group_values"].change(value["id"], rank=len(values) - n, value="wrong")
        for value in v.world["user_attribute_user_values"].where("user_attribute_id", row["id"])[:1]:
            v.world["user_attribute_user_values"].remove(value["id"])
        v.world["user_attributes"].change(row["id"], default_value="wrong")
        v.note(f"user attribute {v.title(row)}: wrong values in the wrong order")


def _extra_people(v: Vandal) -> None:
    group = v.world["groups"].add(schema.new("Group", name="Surprise group", can_add_to_content_metadata=False))
    v.note("a surprise group added")
    for row in v.take("users", 1, v.ordinary):
        v.world["group_users"].add({"group_id": group["id"], "user_id": row["id"]})


DAMAGES = (_destroy_user, _change_users, _groups, _roles, _accesses, _attributes)
EXTRAS = (_extra_people,)
