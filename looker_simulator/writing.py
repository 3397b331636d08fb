"""The rules that all writes share: which keys of a body count, what they may hold, how a refusal looks."""

from collections.abc import Callable
from typing import Any

import msgspec

from looker_simulator import api as apis
from looker_simulator import schema
from looker_simulator.calls import Call, Handler, Operation, Refused, Reply, detail, not_found
from looker_simulator.normalising import is_refused, kept
from looker_simulator.reading import shown
from looker_simulator.shapes import Shape
from looker_simulator.table import Row
from looker_simulator.world import World

# Formally writable objects that Looker fills from their ids; a body's copies of them count for nothing.
_ECHOES = frozenset(
    {"certification_metadata", "dashboard", "folder", "look", "lookml_dashboard", "model", "query", "user"}
)


# Shown after some work, and stored all the same.
_STORED = frozenset({"email", "result_maker", "scheduled_plan_destination"})


class Problems:
    """What is wrong with a body. Looker lists everything at once."""

    def __init__(self) -> None:
        self.found: list[Row] = []

    def add(self, field: str, code: str, message: str) -> None:
        """Note one problem."""
        self.found.append(detail(field, code, message))

    def missing(self, field: str) -> None:
        """Note that a field must be given."""
        self.add(field, "missing_field", "This field is required.")

    def invalid(self, field: str, message: str = "Invalid value.") -> None:
        """Note that a field holds something that cannot be."""
        self.add(field, "invalid", message)

    def taken(self, field: str, what: str) -> None:
        """Note that the value of a field belongs to another object. *what* is what already exists."""
        self.add(field, "already_exists", f"{what} already exists.")

    def stop(self) -> None:
        """Raise Refused (422) if anything was noted."""
        if self.found:
            raise Refused(422, "Validation Failed", self.found)


class Change(msgspec.Struct, kw_only=True):
    """One write. ``values`` are the keys that count, ``row`` what the object becomes, ``before`` what it was (None: new)."""

    call: Call
    values: Row
    row: Row
    before: Row | None
    problems: Problems

    @property
    def world(self) -> World:
        """Return the instance."""
        return self.call.world

    def set(self, **values: Any) -> None:
        """Write more than the body says."""
        self.values |= values
        self.row |= values

    def gives(self, *names: str) -> bool:
        """Return whether the body gives any of *names*."""
        return any(name in self.values for name in names)

    def refers(self, field: str, table: str) -> Row | None:
        """Return the row that *field* names, None if it is null; an unknown id is a problem."""
        wanted = self.row.get(field)
        found = self.world.find(table, wanted) if wanted is not None else None
        if wanted is not None and found is None and field in self.values:
            self.problems.invalid(field, f"{field} {wanted} does not exist.")
        return found

    def unique(self, rows: Any, field: str, what: str) -> None:
        """Note a problem if another one of *rows* has the same value in *field*."""
        key = self.world[self.call.operation.table].key
        own = self.before and self.before[key]
        if any(row[field] == self.row[field] and row[key] != own for row in rows):
            self.problems.taken(field, f"{what} with this {field}")


Step = Callable[[Change], None]


def _nothing(_: Change) -> None: ...


def _free(_call: Call, _row: Row) -> None: ...


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of object with the usual three writes.

    ``shape`` is what the answer shows and ``body`` the schema that says what can be written, ``forced`` counts although the
    schema calls it read-only. ``guard`` raises Refused for what cannot be changed; ``check`` notes problems and may
    set more values; ``done`` runs after the row is stored. ``remove`` takes everything away that goes with the object.
    """

    name: str
    table: str
    path: str
    shape: Shape
    body: str
    remove: Callable[[World, str], object]
    required: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    guard: Callable[[Call, Row], None] = _free
    check: Step = _nothing
    done: Step = _nothing
    activity: str = "non_query"
    new_body: str = ""
    parameter: str = ""
    delete_guard: Callable[[Call, Row], None] = _free

    def operations(self, *, without: tuple[str, ...] = ()) -> list[Operation]:
        """Return the create, update and delete operations."""
        parameter = self.parameter or f"{self.name}_id"
        one = f"{self.path}/{{{parameter}}}"

        def update(call: Call) -> Reply:
            return self.update(call, self.row(call, call.path[parameter]))

        def delete(call: Call) -> Reply:
            row = self.row(call, call.path[parameter])
            self.guard(call, row)
            self.delete_guard(call, row)
            self.remove(call.world, row[call.world[self.table].key])
            return gone()

        found = [
            write(
                f"create_{self.name}",
                "POST",
                self.path,
                self.create,
                self.table,
                self.activity,
                self.new_body or self.body,
            ),
            write(f"update_{self.name}", "PATCH", one, update, self.table, self.activity, self.body),
            write(f"delete_{self.name}", "DELETE", one, delete, self.table, self.activity),
        ]
        return [operation for operation in found if operation.id.partition("_")[0] not in without]

    def row(self, call: Call, row_id: str) -> Row:
        """Return the stored row. Raises Refused (404); a trashed part of a dashboard is as good as gone."""
        row = call.world.find(self.table, row_id)
        if row is None or row.get("_deleted"):
            raise not_found()
        return row

    def create(self, call: Call) -> Reply:
        """Make a new object; the id is the instance's own choice, whatever the body says."""
        problems = Problems()
        values = values_of(call, self.new_body or self.body, problems, forced=self.forced)
        for field in self.required:
            if _says_nothing(object_of(call).get(field), values.get(field, True)):
                problems.missing(field)
        change = Change(call=call, values=values, row=blank(self.shape) | values, before=None, problems=problems)
        self.check(change)
        problems.stop()
        stamp(change)
        change.row = call.world[self.table].add(change.row)
        self.done(change)
        return shown(call, self.shape, change.row)

    def update(self, call: Call, row: Row, values: Row | None = None) -> Reply:
        """Change what the body gives; null clears, what is absent stays."""
        self.guard(call, row)
        problems = Problems()
        if values is None:
            values = values_of(call, self.body, problems, forced=self.forced)
        for field in self.required:
            if field in values and _says_nothing(object_of(call).get(field, values[field]), values[field]):
                problems.missing(field)
        change = Change(call=call, values=values, row=row | values, before=dict(row), problems=problems)
        self.check(change)
        problems.stop()
        stamp(change)
        table = call.world[self.table]
        change.row = table.change(change.row[table.key], **change.values)  # a check may have moved a renamed row
        self.done(change)
        return shown(call, self.shape, change.row)


def write(
    operation_id: str,
    method: str,
    path: str,
    handler: Handler,
    table: str = "",
    activity: str = "non_query",
    body: str = "",
) -> Operation:
    """Return an operation that changes the instance. Whoever is not an admin finds nothing there."""
    return Operation(operation_id, method, path, handler, activity, table, admin_only=True, body=body)


def gone() -> Reply:
    """Return the answer to a DELETE."""
    return Reply(b"", status=204, headers=[])


def blank(shape: Shape) -> Row:
    """Return a row of *shape* without anything that is worked out when it is shown."""
    return {
        name: value for name, value in schema.new(shape.name).items() if name not in shape.computed or name in _STORED
    }


def object_of(call: Call) -> Row:
    """Return the body. Raises Refused (400) unless it is a JSON object."""
    if not isinstance(call.body, dict):
        raise Refused(400, "The body must be a JSON object")
    return call.body


def ids_in(call: Call) -> list[str]:
    """Return a body that is a bare list of ids. Raises Refused (400) unless it is one."""
    if not isinstance(call.body, list) or not all(isinstance(one, (str, int)) for one in call.body):
        raise Refused(400, "The body must be a list of ids")
    return list(dict.fromkeys(str(one) for one in call.body))


def _says_nothing(*values: Any) -> bool:
    """Return whether one of what was sent and what is kept of it is nothing."""
    return any(value is None or value == "" for value in values)


def values_of(call: Call, body: str, problems: Problems, *, forced: tuple[str, ...] = ()) -> Row:
    """Return the keys of the body that this release writes, in the types of schema *body*; the rest is ignored."""
    given, api = object_of(call), call.world.api
    values: Row = {}
    for name, prop in api.properties(body).items():
        if name not in given or (name in _ECHOES and prop.type[0].isupper()):
            continue
        if name in forced or prop.writable:
            if is_refused(call.world.bends, body, name):
                problems.invalid(name, f"{name} cannot be changed.")
            typed = _typed(prop, _structured(api, prop, given[name]), problems)
            values[name] = kept(call.world.bends, body, name, typed)
    return values


def _structured(api: apis.Api, prop: schema.Property, value: Any) -> Any:
    """Return *value* with what is known of the objects that stand in it."""
    shape = apis.structure_of(prop)
    if isinstance(value, list):
        return [api.structure(shape, one, written=True) for one in value] if shape else value
    return api.structure(shape, value, written=True) if shape else value


def stamp(change: Change) -> None:
    """Note when and by whom a row was made or changed."""
    now = change.world.now()
    if change.before is None and "created_at" in change.row:
        change.set(created_at=now)
    if "updated_at" in change.row:
        change.set(updated_at=now)
    if "last_updater_id" in change.row:
        change.set(last_updater_id=change.call.actor.user_id)


def _typed(prop: schema.Property, value: Any, problems: Problems) -> Any:
    if value is None:
        if prop.choices and not prop.nullable:
            problems.invalid(prop.name, f"{prop.name} must be one of {', '.join(prop.choices)}.")
        return apis.empty(prop)
    if prop.choices and value not in prop.choices:
        problems.invalid(prop.name, f"{prop.name} must be one of {', '.join(prop.choices)}.")
    kind = prop.type
    if kind == "s" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if kind == "i" and isinstance(value, str) and value.isdigit():
        return int(value)
    if not _fits(kind, value):
        problems.invalid(prop.name, f"{prop.name} has the wrong type.")
        return None
    if kind == "[s]":
        return [str(one) for one in value]
    return value


def _fits(kind: str, value: Any) -> bool:
    if kind in ("s", "t"):
        return isinstance(value, str)
    if kind == "b":
        return isinstance(value, bool)
    if kind in ("i", "f"):
        return isinstance(value, (int, float, msgspec.Raw)) and not isinstance(value, bool)
    if kind.startswith("["):
        return isinstance(value, list)
    return kind == "o" or isinstance(value, dict)
