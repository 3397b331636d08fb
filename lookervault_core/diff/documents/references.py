"""Find and rewrite the ids of other objects inside a payload.

Four kinds of places hold them: a field that is an id, a text with links to content, a `color_application` at any depth of
a visualisation's settings, and the hub number inside `looker-integration://<hub>::<action>`. Everything here is pure; what an
id becomes is the caller's `resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from lookervault_core.catalog import COLORED, HUBS, LINKED, WITH_SLUGS, Ref
from lookervault_core.looker.instance import Address, Site, led_to

Resolve = Callable[[str, str], str | None]

# A link is relative ("/dashboards/42", also "/embed/…") or names a host, with its scheme or without; inside JSON text its
# slashes may be escaped. An instance may have a path of its own on its host.
_PLACE = (
    r"(?P<host>(?:https?:)?\\?/\\?/[^/\\\s\"'<>]+|(?<=\\n)|(?<![\w.\-/\\]))"
    r"(?P<path>(?:\\?/(?!embed\\?/)[\w.~-]+)*?)"
    rf"(?P<head>(?:\\?/embed)?\\?/(?P<kind>{'|'.join(sorted(LINKED, reverse=True))})\\?/)"
)
_LINK = re.compile(_PLACE + r"(?P<id>\d+)(?![\w:])")
# A dashboard is at its slug too; what has a model in front of its name is a LookML dashboard.
_LINK_OR_SLUG = re.compile(_PLACE + r"(?P<id>\d+(?![\w:])|[\w-]+(?![\w:-]))")
_HUB = re.compile(r"(?P<head>looker-integration://)(?P<id>[^:/]+)(?=::)")


class Reference(msgspec.Struct, frozen=True, order=True):
    """One id found in a payload and the type it belongs to."""

    content_type: str
    id: str
    path: str


def find(
    payload: Any, refs: Iterable[Ref], site: Site | None = None, onto: Address | None = None
) -> tuple[Reference, ...]:
    """Return every id that *payload* names through *refs*, in order, without repetition; *site* and *onto* as in `rewrite`."""
    found: dict[Reference, None] = {}
    for ref in refs:

        def note(content_type: str, item_id: str, path: str = ref.path) -> str | None:
            found[Reference(content_type, item_id, path)] = None
            return None

        rewrite(payload, (ref,), note, site, onto)
    return tuple(found)


def rewrite(
    payload: Any, refs: Iterable[Ref], resolve: Resolve, site: Site | None = None, onto: Address | None = None
) -> Any:
    """Return a copy of *payload* with every id in the places *refs* replaced by what *resolve* returns; None leaves an id alone.

    *site* is the address of the backup's instance: links to other addresses stay as they are. *onto* is another instance to which
    replaced links are to lead; *resolve* is then asked for slugs of dashboards too."""
    for ref in refs:
        if ref.kind == "name":
            continue
        payload = _at(payload, _tokens(ref.path), _leaf(ref, resolve, site, onto))
    return payload


def action_of(kind: Any) -> str | None:
    """Return the action in `looker-integration://<hub>::<action>`; None for any other text."""
    return kind.partition("::")[2] if isinstance(kind, str) and _HUB.match(kind) else None


def hub_of(kind: Any) -> str | None:
    """Return the hub's id in `looker-integration://<hub>::<action>`; None for any other text."""
    found = _HUB.match(kind) if isinstance(kind, str) else None
    return found["id"] if found else None


def _tokens(path: str) -> tuple[str, ...]:
    return tuple(t for t in path.replace("[]", ".[]").split(".") if t)


def _at(value: Any, tokens: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    """Apply *change* where *tokens* lead, copying only the containers on the way."""
    if not tokens:
        return change(value)
    head, rest = tokens[0], tokens[1:]
    if head == "[]":
        return [_at(entry, rest, change) for entry in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or value.get(head) is None:
        return value
    new = _at(value[head], rest, change)
    return value if new is value[head] else {**value, head: new}


def _leaf(ref: Ref, resolve: Resolve, site: Site | None, onto: Address | None) -> Callable[[Any], Any]:
    if ref.kind == "links":
        return lambda value: _links(value, resolve, site, onto)
    if ref.kind == "colors":
        return lambda value: _colors(value, resolve)
    if ref.kind == "hub":
        return lambda value: _hub(value, resolve)
    return lambda value: _id(ref.to, value, resolve)


def _id(content_type: str, value: Any, resolve: Resolve) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return value
    new = resolve(content_type, str(value))
    return value if new is None else new


def _links(value: Any, resolve: Resolve, site: Site | None, onto: Address | None) -> Any:
    if isinstance(value, (dict, list)):
        return _deep(value, lambda text: _links(text, resolve, site, onto))
    if not isinstance(value, str) or "/" not in value:
        return value

    def replace(match: re.Match[str]) -> str:
        host, path = (match[part].replace("\\", "") for part in ("host", "path"))
        if not (site.is_ours(host.partition("//")[2], path) if site else not path):
            return match[0]
        content_type = LINKED[match["kind"]]
        is_named = match["id"].isdecimal() or content_type in WITH_SLUGS
        new = resolve(content_type, match["id"]) if is_named else None
        return match[0] if new is None else f"{_place(match, host, onto)}{match['head']}{new}"

    return (_LINK if onto is None else _LINK_OR_SLUG).sub(replace, value)


def _place(match: re.Match[str], host: str, onto: Address | None) -> str:
    """Return the host and the path of the instance that a link leads to, with slashes as it has them."""
    if onto is None:
        return match["host"] + match["path"]
    place = (led_to(host, onto) if host else "") + onto.path
    return place.replace("/", "\\/") if "\\/" in match[0] else place


def _deep(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _deep(entry, change) for key, entry in value.items()}
    if isinstance(value, list):
        return [_deep(entry, change) for entry in value]
    return change(value) if isinstance(value, str) else value


def _colors(value: Any, resolve: Resolve) -> Any:
    if isinstance(value, list):
        return [_colors(entry, resolve) for entry in value]
    if not isinstance(value, dict):
        return value
    new = {key: _colors(entry, resolve) for key, entry in value.items()}
    application = new.get("color_application")
    if isinstance(application, dict):
        new["color_application"] = _application(application, resolve)
    return new


def _application(value: dict[str, Any], resolve: Resolve) -> dict[str, Any]:
    for key, content_type in COLORED.items():
        if key in value:
            value = {**value, key: _id(content_type, value[key], resolve)}
    return value


def _hub(value: Any, resolve: Resolve) -> Any:
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        return match["head"] + (resolve(HUBS, match["id"]) or match["id"])

    return _HUB.sub(replace, value)
