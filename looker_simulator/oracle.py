"""The whole state of an instance in terms that survive a restore: names instead of ids, and nothing that changes by itself.

Two dumps are equal if and only if a user could not tell the instances apart by what they hold. Left out are ids, slugs of
queries, timestamps, counters, favourites, followers, secrets, LookML itself, trashed tiles and who changed what last. Of
what is in the trash only that it is there counts; of values that are hidden, that they are set.
"""

import hashlib
import json
from typing import Any

import msgspec

from looker_simulator import agents, jsontext, oracle_connected, oracle_content, oracle_people, settings
from looker_simulator.names import Names, keyed
from looker_simulator.table import Row
from looker_simulator.world import World

_LOGINS = ("saml_config", "ldap_config", "oidc_config", "password_config", "session_config")
_STANDARD = ("google", "looker-blocks", "google-theme")


def dump(world: World, *, brief: bool = False, logins: bool = False) -> dict[str, Any]:
    """Return the state as JSON-ready values: type → natural key → what it holds.

    *brief* replaces what is in each dashboard by a digest, for instances with thousands of them. How people sign in is there with
    *logins* only: no restore puts that back unless it is asked to.
    """
    with world.lock:
        names = Names(world)
        found = oracle_content.dashboards(world, names) | oracle_people.dump(world, names)
        found |= oracle_content.others(world, names) | _config(world, names, logins=logins)
        found |= oracle_connected.dump(world, names)
    found = _plain(found)
    if brief:
        for doc in found["dashboards"].values():
            parts = {name: doc.pop(name, None) for name in ("filters", "tabs", "tiles")}
            doc["parts"] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return found


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """Return how two dumps differ, one readable line per place; equal dumps give an empty list."""
    if isinstance(before, dict) and isinstance(after, dict):
        found: list[str] = []
        for name in sorted(before.keys() | after.keys()):
            place = f"{path} › {name}" if path else name
            if name not in after:
                found.append(f"{place}: gone")
            elif name not in before:
                found.append(f"{place}: new")
            else:
                found += differences(before[name], after[name], place)
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [line for n, (one, other) in enumerate(pairs) for line in differences(one, other, f"{path}[{n}]")]
    return [] if before == after else [f"{path}: {_short(before)} → {_short(after)}"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "…"


def _ways(world: World, row: Row) -> dict[str, Any]:
    """Return by name what a connection goes through: a tunnel, an application."""
    named = (
        ("tunnel_id", "ssh_tunnels", "database_host"),
        ("oauth_application_id", "external_oauth_applications", "name"),
    )
    found = {field: (world[table].get(str(row[field])), name) for field, table, name in named if row.get(field)}
    return {field: other[name] if other else "gone" for field, (other, name) in found.items()}


def _config(world: World, names: Names, *, logins: bool) -> dict[str, Any]:
    order = jsontext.dumps
    collections = [
        (row["label"], _collection(names, row)) for row in world["color_collections"] if row["id"] not in _STANDARD
    ]
    return {
        "themes": keyed([(row["name"], _theme(row, names)) for row in world["themes"]], order),
        "color_collections": keyed(collections, order),
        "lookml_models": {row["name"]: _model(names, row) for row in world["lookml_models"]},
        "connections": {
            row["name"]: names.written("DBConnection", row, "name", "dialect") | _ways(world, row)
            for row in world["connections"]
        },
        "agents": keyed([(row["name"], _agent(world, names, row)) for row in world[agents.AGENTS]], order),
        "instance_settings": {
            row["id"]: _setting(names, row) for row in world[settings.TABLE] if logins or row["id"] not in _LOGINS
        }
        | {settings.ALLOWLIST: {row["email"]: row["reason"] for row in world[settings.ALLOWLIST]}},
        "defaults": {
            "theme": names.named("themes", world.default_theme_id),
            **{kind: names.named("themes", world.theme_of(kind)) for kind in ("internal", "embed")},
            "color_collection": names.named("color_collections", world.default_color_collection_id, "label"),
        },
    }


def _agent(world: World, names: Names, row: Row) -> Row:
    """Return an agent with its golden queries; of one in the trash that it is there."""
    if row["deleted"]:
        return {"deleted": True}
    found = names.written("Agent", row, "name", "golden_query_ids", "created_by_user_id", "deleted")
    asked = (world[agents.QUERIES].get(str(one)) for one in row["golden_query_ids"] or ())
    queries = [names.written("GoldenQuery", one) for one in asked if one is not None]
    return found | {
        "golden_queries": sorted(queries, key=jsontext.dumps),
        "creator": names.user(row["created_by_user_id"]),
        "access": oracle_content.access(world, names, row),
    }


def _setting(names: Names, row: Row) -> Row:
    """Return what can be written of a document, and is shown."""
    found = names.written(settings.DOCUMENTS[row["id"]].shape, row, "id", "custom_welcome_email")
    for ids, table in (("default_new_user_role_ids", "roles"), ("default_new_user_group_ids", "groups")):
        found[ids] = [names.named(table, one) for one in row.get(ids) or ()]
    for rows, ids, table in (
        ("groups_with_role_ids", "role_ids", "roles"),
        ("user_attributes_with_ids", "user_attribute_ids", "user_attributes"),
    ):
        kept = (_without_nulls(one, "id", "url") | {ids: one.get(ids)} for one in row.get(rows) or ())
        found[rows] = [one | {ids: [names.named(table, each) for each in one[ids] or ()]} for one in kept]
    return found


def _without_nulls(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if value is not None and name not in names}


def _model(names: Names, row: Row) -> Row:
    """Return a model; the connections of one that may use every one are nobody's choice."""
    computed = ("allowed_db_connection_names",) if row["unlimited_db_connections"] else ()
    return names.written("LookmlModel", row, "name", *computed)


def _theme(row: Row, names: Names) -> Row:
    settings = names.told("Theme", "settings", row["settings"])
    settings["color_collection_id"] = names.named("color_collections", settings.get("color_collection_id"), "label")
    return {"begin_at": row["begin_at"], "end_at": row["end_at"], "settings": settings} | names.invented("Theme", row)


def _collection(names: Names, row: Row) -> Row:
    kinds = ("categoricalPalettes", "sequentialPalettes", "divergingPalettes")
    palettes = {kind: [{k: v for k, v in one.items() if k != "id"} for one in row[kind] or ()] for kind in kinds}
    return palettes | names.invented("ColorCollection", row)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return f"number {bytes(value).decode()}"  # 1.10 is not 1.1 here
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
