"""The API as the official SDK describes it, used where a Looker does not describe itself.

Only the names and types of its models are read; no payload ever becomes one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ForwardRef, get_args, get_origin

from lookervault_core.diff.api.description import Description, Kind, Properties, Property

_KINDS: dict[Any, Kind] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}


@cache
def description() -> Description:
    """Return the API of the SDK's release as a description; models are loaded when they are asked for. Writable fields are those
    of the SDK's `Write…` model, if a type has one."""
    return Description(_schema_of, _body_of)


def _schema_of(name: str) -> Properties | None:
    from looker_sdk.sdk.api40 import models

    model = getattr(models, name, None)
    return dict(_fields(model, models)) if hasattr(model, "__attrs_attrs__") else None


def _body_of(operation: str) -> Properties | None:
    from looker_sdk.sdk.api40 import methods

    call = getattr(methods.Looker40SDK, operation, None)
    body = getattr(call, "__annotations__", {}).get("body")
    return _schema_of(body.__name__) if isinstance(body, type) else None


@cache
def release() -> str:
    """Return the release of the SDK, such as ``26.22``."""
    from looker_sdk import version

    return ".".join(version.__version__.split(".")[:2])


def _fields(model: Any, models: Any) -> Iterator[tuple[str, Property]]:
    writing = getattr(models, f"Write{model.__name__}", None)
    for name, annotation in model.__annotations__.items():
        read_only = writing is not None and name not in writing.__annotations__
        yield name.rstrip("_"), _property(annotation, read_only=read_only)


def _property(annotation: Any, *, read_only: bool) -> Property:
    """Return a field by its type: every field of a model may be left out, so that says nothing of null."""
    inner = next((one for one in get_args(annotation) if one is not type(None)), annotation)
    origin, args = get_origin(inner), get_args(inner)
    name = origin.__name__ if origin is not None else ""
    if "Mapping" in name:
        return Property("object", read_only=read_only)
    if name in ("Sequence", "list"):
        return Property("array", shape=_shape(args[0]) if args else "", read_only=read_only)
    return Property(_KINDS.get(inner, "object" if _shape(inner) else ""), shape=_shape(inner), read_only=read_only)


def _shape(annotation: Any) -> str:
    """Return the schema that a type stands for; writing takes the read one's name, for it is asked for by that."""
    name = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else getattr(annotation, "__name__", "")
    known = annotation in _KINDS or name in ("Any", "datetime", "")
    return "" if known else name.removeprefix("Write")
