"""Read a Looker's description of its own API: the fields of each object, their types, and which fields each call takes. Pure.

Whatever in a description does not follow the formats (OpenAPI 3, Swagger 2) is ignored. A description may be large, so only the
schemas that are asked for are decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from lookervault_core.errors import CodecError

Kind = Literal["string", "integer", "number", "boolean", "object", "array", ""]
Properties = Mapping[str, "Property"]
_KINDS = frozenset({"string", "integer", "number", "boolean", "object", "array"})
_DEPTH = 20


class Property(msgspec.Struct, frozen=True):
    """One field of a schema. `kind` is its JSON type, "" if unknown; `shape` is the schema of the object in it, or of each row of
    a list. `nullable` is None if unknown. `choices` are the only values that the field can have, empty if any value can."""

    kind: Kind = ""
    shape: str = ""
    read_only: bool = False
    nullable: bool | None = None
    choices: tuple[Any, ...] = ()


class Description:
    """The schemas by name (*schema_of*), and the one that each write takes by its operation (*body_of*). Both are worked out once,
    when they are asked for."""

    def __init__(
        self,
        schema_of: Callable[[str], Properties | None] = lambda _: None,
        body_of: Callable[[str], Properties | None] = lambda _: None,
    ) -> None:
        self._schema_of, self._body_of = schema_of, body_of
        self._known: dict[tuple[str, str], Properties | None] = {}

    def schema(self, name: str) -> Properties | None:
        """Return the fields of a schema; None if there is none of that name, or without fields."""
        return self._once("schema", name, self._schema_of)

    def body(self, operation: str, otherwise: str) -> Properties | None:
        """Return the writable fields that a write call takes; of the schema *otherwise* if the operation names none.

        A schema `Write…` is preferred to the one that is read."""
        said = self._once("body", operation, self._body_of) if operation else None
        named = self.schema(f"Write{otherwise}") or self.schema(otherwise)
        return said if said is not None else named

    @property
    def is_empty(self) -> bool:
        return self.schema("Dashboard") is None and self.schema("User") is None

    def _once(self, what: str, name: str, read: Callable[[str], Properties | None]) -> Properties | None:
        if (what, name) not in self._known:
            self._known[what, name] = read(name) if name else None
        return self._known[what, name]


class _Top(msgspec.Struct):
    components: msgspec.Raw = msgspec.Raw(b"{}")
    definitions: msgspec.Raw = msgspec.Raw(b"{}")
    paths: msgspec.Raw = msgspec.Raw(b"{}")


def read(raw: bytes) -> Description:
    """Return the description that *raw* holds. Raises CodecError for what is no JSON object."""
    try:
        top = msgspec.json.decode(raw, type=_Top)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise CodecError(f"the description of the API is no JSON object: {exc}") from exc
    components = _members(top.components)
    schemas = _members(components.get("schemas")) or _members(top.definitions)
    bodies = _members(components.get("requestBodies"))
    calls: dict[str, Any] = {}

    def schema_of(name: str) -> Properties | None:
        return dict(_properties(schemas, _decoded(schemas.get(name)), {name})) or None

    def body_of(operation: str) -> Properties | None:
        if not calls:
            calls.update({"": None} | dict(_calls(top.paths)))
        schema = _body_schema(calls.get(operation), bodies)
        beside = f"Write{_named(schema)}"
        found = {"$ref": beside} if _named(schema) and beside in schemas else schema
        return dict(_properties(schemas, found, set())) or None if found is not None else None

    return Description(schema_of, body_of)


def _members(raw: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object, none of them decoded; nothing of what is none."""
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw]) if raw is not None else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _decoded(raw: msgspec.Raw | None) -> Any:
    try:
        return msgspec.json.decode(raw) if raw is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _calls(paths: msgspec.Raw) -> Iterator[tuple[str, Any]]:
    """Yield the operations that have a body, by their ids."""
    for raw in _members(paths).values():
        for verb, call in _members(raw).items():
            if verb in ("post", "patch", "put"):
                decoded = _decoded(call)
                operation = decoded.get("operationId") if isinstance(decoded, Mapping) else None
                if isinstance(operation, str):
                    yield operation, decoded


def _body_schema(call: Any, bodies: Mapping[str, msgspec.Raw]) -> Any:
    """Return the schema of the body of a call, as it stands there."""
    if not isinstance(call, Mapping):
        return None
    body = call.get("requestBody")
    if _named(body):
        body = _decoded(bodies.get(_named(body)))
    content = body.get("content") if isinstance(body, Mapping) else None
    if isinstance(content, Mapping):
        return next((one.get("schema") for one in content.values() if isinstance(one, Mapping)), None)
    parameters = call.get("parameters")
    rows = (
        (parameter for parameter in parameters if isinstance(parameter, Mapping))
        if isinstance(parameters, list)
        else ()
    )
    return next((row.get("schema") for row in rows if row.get("in") == "body"), None)


def _named(schema: Any) -> str:
    """Return the name that a reference leads to, or ""."""
    target = schema.get("$ref") if isinstance(schema, Mapping) else None
    return target.rpartition("/")[2] if isinstance(target, str) else ""


def _properties(
    schemas: Mapping[str, msgspec.Raw], schema: Any, seen: set[str], depth: int = 0
) -> Iterator[tuple[str, Property]]:
    """Yield the fields of a schema, of what it refers to and of all that it is put together from; of each of those once."""
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return
    name = _named(schema)
    if name and name not in seen:
        seen.add(name)
        yield from _properties(schemas, _decoded(schemas.get(name)), seen, depth + 1)
    for row in _rows(schema.get("allOf")):
        yield from _properties(schemas, row, seen, depth + 1)
    fields = schema.get("properties")
    for name, described in fields.items() if isinstance(fields, Mapping) else ():
        if isinstance(described, Mapping):
            yield name, _property(described)


def _property(described: Mapping[str, Any]) -> Property:
    kind, nullable = described.get("type"), None
    for mark in ("nullable", "x-looker-nullable", "x-nullable"):
        nullable = described[mark] if isinstance(described.get(mark), bool) else nullable
    if isinstance(kind, list):  # OpenAPI 3.1
        nullable = "null" in kind
        kind = next((one for one in kind if one != "null"), "") if len(kind) - nullable == 1 else ""
    inner = _inner(described)
    if inner is not described and not inner.get("type") and any(_is_null(one) for one in _alternatives(described)):
        nullable = True
    kind = kind or inner.get("type")
    shape = _named(inner) or _named(_inner(_object(inner.get("items"))))
    choices = described.get("enum")
    return Property(
        kind=kind if isinstance(kind, str) and kind in _KINDS else ("object" if _named(inner) else ""),
        shape=shape,
        read_only=described.get("readOnly") is True,
        nullable=nullable,
        choices=tuple(choices) if isinstance(choices, list) else (),
    )


def _inner(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a property is in the end: one that refers to a schema and has marks of its own says so in a list of one."""
    others = [one for one in _alternatives(described) if not _is_null(one)]
    return others[0] if len(others) == 1 and not _named(described) else described


def _alternatives(described: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for key in ("allOf", "anyOf", "oneOf") for row in _rows(described.get(key))]


def _is_null(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "null"


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
