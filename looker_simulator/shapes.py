"""How a stored row becomes the JSON that a caller sees."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from looker_simulator import jsontext, schema
from looker_simulator.api import CHILDREN
from looker_simulator.fields import Fields, prune
from looker_simulator.table import Row
from looker_simulator.world import World

Compute = Callable[[World, Row], Any]
# Lists that a database without ORDER BY is free to shuffle.
_UNORDERED = frozenset(
    {
        "alert_url_allowlist",
        "allowed_db_connection_names",
        "board_items",
        "board_sections",
        "domain_allowlist",
        "egress_ip_addresses",
        "email_domain_allowlist",
        "group_ids",
        "groups_with_role_ids",
        "models",
        "parent_group_ids",
        "permissions",
        "role_ids",
        "scheduled_plan_destination",
        "scopes",
        "user_attribute_ids",
        "user_attributes_with_ids",
    }
)


class Shape(msgspec.Struct, frozen=True):
    """A view of a row: its keys in order, those worked out on the way, and those shown only on demand."""

    name: str
    keys: tuple[str, ...]
    computed: Mapping[str, Compute]
    on_demand: frozenset[str] = frozenset()


def define(name: str, computed: Mapping[str, Compute], on_demand: tuple[str, ...] = ()) -> Shape:
    """Return the shape of schema *name*: write-only properties are left out, a dashboard's parts come last."""
    keys = [p.name for p in schema.shape(name).values() if not p.write_only]
    keys.sort(key=lambda key: key in CHILDREN)
    return Shape(name, tuple(keys), computed, frozenset(on_demand))


def show(world: World, shape: Shape, row: Row, wanted: Fields | None = None) -> Row:
    """Return the object a caller sees. Without *wanted* that is every key; unknown stored keys (``x_…``) come last."""
    keys = _keys(world, shape, row)
    if wanted:
        return {key: prune(_value(world, shape, row, key), wanted[key]) for key in keys if key in wanted}
    return {key: _value(world, shape, row, key) for key in keys if key not in shape.on_demand}


def encode(world: World, shape: Shape, row: Row, wanted: Fields | None = None) -> bytes:
    """Return the JSON of :func:`show`."""
    return b"".join(pieces(world, shape, row, wanted))


def pieces(world: World, shape: Shape, row: Row, wanted: Fields | None = None) -> tuple[bytes, ...]:
    """Return the JSON of :func:`show` in pieces that are only to be joined; whole dashboards are kept ready."""
    if shape.name != "Dashboard" or row["id"] not in world["dashboards"]:
        return (jsontext.dumps(show(world, shape, row, wanted)),)
    if wanted and row["id"] in world.packed and not wanted.keys().isdisjoint(CHILDREN):
        return (jsontext.dumps(prune(jsontext.loads(b"".join(_whole(world, shape, row))), wanted)),)
    if wanted:
        return (jsontext.dumps(show(world, shape, row, wanted)),)
    return _whole(world, shape, row)


def _whole(world: World, shape: Shape, row: Row) -> tuple[bytes, ...]:
    parts = world.packed.get(row["id"])
    text = world.rendered.get(row["id"])
    if text is None:
        text = world.rendered[row["id"]] = (
            _head(world, shape, row) if parts else jsontext.dumps(show(world, shape, row))
        )
    return (text, parts, b"}") if parts else (text,)


def _head(world: World, shape: Shape, row: Row) -> bytes:
    keys = _keys(world, shape, row)
    head = {key: _value(world, shape, row, key) for key in keys if key not in CHILDREN}
    return jsontext.dumps(head)[:-1] + b","


def _keys(world: World, shape: Shape, row: Row) -> tuple[str, ...]:
    """Return the keys of the instance's release, and after them what rows have beyond that."""
    unknown = () if shape.name.endswith("Base") else tuple(key for key in row if key.startswith("x_"))
    keys = (*world.api.shown(shape.name, shape.keys), *unknown)
    told = row.get(
        "_told"
    )  # a row of a twin: the shape that it was shown in, what it lacked there, and what it had beyond that
    if told is None or told[0] != shape.name:
        return keys
    return (*(key for key in keys if key not in told[1]), *told[2])


def _value(world: World, shape: Shape, row: Row, key: str) -> Any:
    compute = shape.computed.get(key)
    said = row.get("_said")  # the words of the instance that a twin is one of
    if said is not None and key in said:
        return said[key]
    value = compute(world, row) if compute else row.get(key)
    return shuffled(world, key, world.api.as_shown(shape.name, key, value))


def shuffled(world: World, key: str, value: Any) -> Any:
    """Return the value of *key*, in another order where it is a set and the instance keeps none."""
    if key in _UNORDERED and isinstance(value, list) and world.bends.has("unordered_lists"):
        return world.disorder.sample(value, len(value))
    return value


def warm(world: World, shape: Shape) -> None:
    """Prepare every packed dashboard for its first reader."""
    for dashboard_id in world.packed:
        _whole(world, shape, world["dashboards"].rows[dashboard_id])
