"""Writes on user attributes and on the values that groups give their members."""

from looker_simulator import schema
from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Refused, Reply, json_reply, not_found
from looker_simulator.cascades import remove_attribute
from looker_simulator.reading import shown
from looker_simulator.shapes import show
from looker_simulator.table import Row
from looker_simulator.writing import Change, Problems, Resource, gone, object_of, write

_TYPES = ("string", "number", "datetime", "relative_url", "yesno", "zipcode", "advanced_filter_string",
          "advanced_filter_number", "advanced_filter_datetime")  # fmt: skip


def _guard(_call: Call, row: Row) -> None:
    if row["is_system"]:
        raise Refused(403, "System attributes can't be modified")


def _not_permanent(_call: Call, row: Row) -> None:
    if row["is_permanent"]:
        raise Refused(403, "This attribute is permanent and cannot be deleted")


def _check(change: Change) -> None:
    world, before = change.world, change.before
    change.unique(world["user_attributes"], "name", "User attribute")
    change.unique(world["user_attributes"], "label", "User attribute")
    if change.row["type"] and change.row["type"] not in _TYPES and change.gives("type"):
        change.problems.invalid("type", "Unknown type.")
    was = before["hidden_value_domain_whitelist"] if before else None
    if was and change.row["hidden_value_domain_whitelist"] != was:
        change.problems.invalid("hidden_value_domain_whitelist", "It cannot be changed once it is set.")
    alone = change.gives("hidden_value_domain_whitelist") and change.values.get("value_is_hidden") is not True
    if alone and world.bends.has("whitelist_with_hidden"):
        change.problems.invalid("hidden_value_domain_whitelist", "It is for hidden values only.")
    if before and before["value_is_hidden"] and not change.row["value_is_hidden"]:
        change.problems.invalid("value_is_hidden", "A hidden attribute cannot be shown again.")


ATTRIBUTES = Resource(
    name="user_attribute",
    table="user_attributes",
    path="/user_attributes",
    shape=shape.USER_ATTRIBUTE,
    body="UserAttribute",
    remove=remove_attribute,
    required=("name", "label", "type"),
    guard=_guard,
    delete_guard=_not_permanent,
    check=_check,
)


def _set_all(call: Call) -> Reply:
    """Replace all group values of an attribute; ranks follow ``rank`` where it is given, else the order of the list."""
    attribute, world = ATTRIBUTES.row(call, call.path["user_attribute_id"]), call.world
    _guard(call, attribute)
    if not isinstance(call.body, list) or not all(isinstance(one, dict) for one in call.body):
        raise Refused(400, "The body must be a list of group values")
    problems, groups = Problems(), [str(one.get("group_id")) for one in call.body]
    if any(group_id not in world["groups"] for group_id in groups):
        problems.invalid("group_id", "Group does not exist.")
    if len(set(groups)) < len(groups):
        problems.invalid("group_id", "A group can have one value only.")
    problems.stop()
    table = world["user_attribute_group_values"]
    for row in table.where("user_attribute_id", attribute["id"]):
        table.remove(row["id"])
    given = [(one.get("rank"), n, one) for n, one in enumerate(call.body)]
    given.sort(key=lambda item: (item[0] if isinstance(item[0], int) else item[1], item[1]))
    made = [_add(call, attribute, str(one["group_id"]), one, n) for n, (_, _, one) in enumerate(given)]
    return json_reply([show(world, shape.GROUP_VALUE, _hidden(attribute, row)) for row in made])


def _add(call: Call, attribute: Row, group_id: str, given: Row, rank: int) -> Row:
    value = given.get("value")
    row = schema.new(
        "UserAttributeGroupValue",
        group_id=group_id,
        user_attribute_id=attribute["id"],
        rank=rank,
        value=str(value) if value is not None else None,
        value_is_hidden=attribute["value_is_hidden"],
    )
    row.pop("can")
    row |= call.world.api.unheard_of("UserAttributeGroupValue", given)
    return call.world["user_attribute_group_values"].add(row)


def _hidden(attribute: Row, row: Row) -> Row:
    return row | {"value": None, "value_is_hidden": True} if attribute["value_is_hidden"] else row


def _of_group(call: Call) -> tuple[Row, Row, Row | None]:
    """Return the attribute, the group and the value that the one has for the other."""
    attribute = ATTRIBUTES.row(call, call.path["user_attribute_id"])
    group = call.world["groups"].get(call.path["group_id"])
    if group is None:
        raise not_found()
    rows = call.world["user_attribute_group_values"].where("user_attribute_id", attribute["id"])
    return attribute, group, next((row for row in rows if row["group_id"] == group["id"]), None)


def _set_one(call: Call) -> Reply:
    attribute, group, row = _of_group(call)
    _guard(call, attribute)
    value = object_of(call).get("value")
    table = call.world["user_attribute_group_values"]
    if row is None:
        ranks = [one["rank"] for one in table.where("user_attribute_id", attribute["id"])]
        row = _add(call, attribute, group["id"], object_of(call), max(ranks, default=-1) + 1)
    else:
        more = call.world.api.unheard_of("UserAttributeGroupValue", object_of(call))
        row = table.change(row["id"], value=str(value) if value is not None else None, **more)
    return shown(call, shape.GROUP_VALUE, _hidden(attribute, row))


def _delete_one(call: Call) -> Reply:
    _, _, row = _of_group(call)
    if row is None:
        raise not_found()
    call.world["user_attribute_group_values"].remove(row["id"])
    return gone()


_ALL = "/user_attributes/{user_attribute_id}/group_values"
_ONE = "/groups/{group_id}/attribute_values/{user_attribute_id}"
_TABLE = "user_attribute_group_values"
OPERATIONS = [
    *ATTRIBUTES.operations(),
    write("set_user_attribute_group_values", "POST", _ALL, _set_all, _TABLE),
    write("update_user_attribute_group_value", "PATCH", _ONE, _set_one, _TABLE),
    write("delete_user_attribute_group_value", "DELETE", _ONE, _delete_one, _TABLE),
]
