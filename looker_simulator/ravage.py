"""A disaster of a given size: so much of each type is deleted, thrown away or changed, for a rehearsal.

Only what a restore can bring back is hit; the API user, its groups and the Admin role stay. Equal instances, seeds and sizes are
hit alike.
"""

from collections.abc import Callable
from functools import partial

from looker_simulator import cascades, people
from looker_simulator.settings import TABLE as SETTINGS
from looker_simulator.table import Row
from looker_simulator.vandal import Vandal
from looker_simulator.world import World

Blow = Callable[[Vandal, Row], str]
_STANDARD = ("google", "looker")


def ravage(world: World, fraction: float, types: tuple[str, ...] = (), seed: int = 1) -> dict[str, dict[str, int]]:
    """Hit *fraction* of the objects of each of *types*, or of all that can be hit; return by type how often what was done."""
    with world.lock:
        vandal = Vandal(world, seed)
        return {name: _hit(vandal, name, fraction) for name in BLOWS if not types or name in types}


def _hit(v: Vandal, name: str, fraction: float) -> dict[str, int]:
    table, suits, blows = BLOWS[name]
    key = v.world[table].key
    rows = [row for row in sorted(v.world[table], key=partial(_by_id, key)) if suits(v, row)]
    v.random.shuffle(rows)
    done: dict[str, int] = {}
    for number, row in enumerate(rows[: round(fraction * len(rows) + 0.4999)]):
        if row[key] in v.world[table]:  # it may have gone with another one
            what = blows[number % len(blows)](v, row)
            done[what] = done.get(what, 0) + 1
    return done


def _by_id(key: str, row: Row) -> tuple[int, str]:
    return len(row[key]) if row[key].isdigit() else 0, row[key]


def _set(v: Vandal, row: Row, *, table: str, **values: object) -> str:
    v.change(table, row, **{name: one(row) if callable(one) else one for name, one in values.items()})
    return "changed"


def _removed(v: Vandal, row: Row, *, table: str) -> str:
    cascades.remove(v.world, table, row[v.world[table].key])
    return "deleted for good"


def _trashed(v: Vandal, row: Row, *, table: str) -> str:
    cascades.trash(v.world, table, row["id"], v.world.admin_user_id)
    return "put into the trash"


def _dashboard_gone(v: Vandal, row: Row) -> str:
    return _removed(v, row, table="dashboards") if v.replaceable(row) else _trashed(v, row, table="dashboards")


def _tiles_changed(v: Vandal, row: Row) -> str:
    for tile in v.tiles(row["id"])[:2]:
        v.world["dashboard_elements"].change(tile["id"], title="Oops", note_text="who did this?")
    v.change("dashboards", row)
    return "tiles changed"


def _members_lost(v: Vandal, row: Row) -> str:
    for edge in v.world["group_users"].where("group_id", row["id"])[::2]:
        v.world["group_users"].remove(edge["id"])
    return "members lost"


def _taken(v: Vandal, row: Row) -> str:
    for table in ("role_users", "role_groups"):
        for edge in v.world[table].where("role_id", row["id"]):
            v.world[table].remove(edge["id"])
    return "taken from everybody"


def _list_dropped(v: Vandal, row: Row) -> str:
    for access in v.world["content_metadata_access"].where("content_metadata_id", row["id"])[1:]:
        v.world["content_metadata_access"].remove(access["id"])
    return "access lists cut"


def _old(field: str) -> Callable[[Row], str]:
    return lambda row: f"{row[field]} (old)"


def _alive(_: Vandal, row: Row) -> bool:
    return not row["deleted"]


def _any(_v: Vandal, _row: Row) -> bool:
    return True


def _plain_folder(_: Vandal, row: Row) -> bool:
    flags = ("is_personal", "is_personal_descendant", "is_embed")
    return bool(row["parent_id"]) and not any(row[flag] for flag in flags)


def _plain_group(v: Vandal, row: Row) -> bool:
    ours = row["id"] in people.all_groups_of(v.world, v.world.admin_user_id)
    return not (ours or row["externally_managed"] or row["include_by_default"])


def _own_list(v: Vandal, row: Row) -> bool:
    folder = v.world["folders"].get(row["folder_id"]) if row["folder_id"] else None
    return folder is not None and not row["inherits"] and _plain_folder(v, folder)


def _plain_role(v: Vandal, row: Row) -> bool:
    return row["id"] != v.world.admin_role_id and not row.get("internal")


def _custom(column: str) -> Callable[[Vandal, Row], bool]:
    return lambda _, row: bool(row[column]) and not row["built_in"] and not row["all_access"]


def _plain_attribute(_: Vandal, row: Row) -> bool:
    return not row["is_system"] and not row["value_is_hidden"]


def _cut(column: str) -> Callable[[Row], list[str]]:
    return lambda row: row[column][:1] if len(row[column]) > 1 else []


def _pale(row: Row) -> list[Row]:
    return [one | {"colors": ["#eeeeee"]} for one in row["categoricalPalettes"]]


def _ordinary(v: Vandal, row: Row) -> bool:
    return v.ordinary(row)


# By the name of a type: the table that has it, what of that may be hit, and what becomes of one after the other.
BLOWS: dict[str, tuple[str, Callable[[Vandal, Row], bool], tuple[Blow, ...]]] = {
    "users": (
        "users",
        _ordinary,
        (
            partial(_set, table="users", first_name="Nobody", last_name=""),
            partial(_set, table="users", is_disabled=lambda row: not row["is_disabled"]),
        ),
    ),
    "groups": ("groups", _plain_group, (_members_lost, partial(_set, table="groups", name=_old("name")))),
    "permission_sets": (
        "permission_sets",
        _custom("permissions"),
        (partial(_set, table="permission_sets", permissions=_cut("permissions")),),
    ),
    "model_sets": ("model_sets", _custom("models"), (partial(_set, table="model_sets", models=_cut("models")),)),
    "roles": ("roles", _plain_role, (_taken,)),
    "user_attributes": (
        "user_attributes",
        _plain_attribute,
        (partial(_set, table="user_attributes", default_value="wrong"),),
    ),
    "folders": ("folders", _plain_folder, (partial(_set, table="folders", name=_old("name")),)),
    "content_metadata_accesses": ("content_metadata", _own_list, (_list_dropped,)),
    "looks": (
        "looks",
        _alive,
        (
            partial(_trashed, table="looks"),
            partial(_set, table="looks", title=_old("title"), description=None),
            partial(_removed, table="looks"),
        ),
    ),
    "dashboards": (
        "dashboards",
        _alive,
        (
            _tiles_changed,
            partial(_trashed, table="dashboards"),
            partial(_set, table="dashboards", title=_old("title"), background_color="#ff00ff"),
            _dashboard_gone,
        ),
    ),
    "boards": (
        "boards",
        lambda _, row: not row["deleted_at"],
        (partial(_set, table="boards", description="junk"), partial(_removed, table="boards")),
    ),
    "alerts": (
        "alerts",
        _any,
        (
            partial(_set, table="alerts", threshold=lambda row: row["threshold"] + 1_000_000),
            partial(_removed, table="alerts"),
        ),
    ),
    "scheduled_plans": (
        "scheduled_plans",
        lambda _, row: not row.get("run_once"),
        (
            partial(_set, table="scheduled_plans", enabled=lambda row: not row["enabled"]),
            partial(_removed, table="scheduled_plans"),
        ),
    ),
    "themes": (
        "themes",
        lambda v, row: row["id"] != v.world.default_theme_id,
        (partial(_set, table="themes", name=_old("name")),),
    ),
    "color_collections": (
        "color_collections",
        lambda _, row: not row["id"].startswith(_STANDARD),
        (partial(_set, table="color_collections", categoricalPalettes=_pale),),
    ),
    "agents": ("agents", _alive, (partial(_set, table="agents", description="Answers anything."),)),
    SETTINGS: (
        SETTINGS,
        lambda _, row: row["id"] == "custom_welcome_email",
        (partial(_set, table=SETTINGS, enabled=lambda row: not row.get("enabled")),),
    ),
}
