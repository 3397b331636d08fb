"""One request being answered: who asks for what, and what goes back."""

from collections.abc import Callable
from typing import Any

import msgspec

from looker_simulator import jsontext, people
from looker_simulator.fields import Fields, parse
from looker_simulator.options import SimulatorOptions
from looker_simulator.table import Row
from looker_simulator.world import World

_DOCS = "https://docs.cloud.google.com/looker/docs/r/err/4.0"


class Refused(Exception):
    """A request that is answered with an error status. ``errors`` are the details of a 422."""

    def __init__(self, status: int, message: str, errors: list[Row] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


class Actor:
    """The user behind a token."""

    def __init__(self, world: World, user_id: str) -> None:
        self.user_id = user_id
        self._world = world
        self._generation = -1
        self._admin = False
        self._folders: set[str] | None = None

    @property
    def admin(self) -> bool:
        """Return whether the user holds the Admin role now."""
        self._refresh()
        return self._admin

    def sees(self, rows: list[Row]) -> list[Row]:
        """Return the dashboards or looks that the user may see: all for an admin, else own ones and visible folders."""
        if self.admin:
            return rows
        if self._folders is None:
            self._folders = people.visible_folders(self._world, self.user_id)
        return [row for row in rows if row["user_id"] == self.user_id or row["folder_id"] in self._folders]

    def _refresh(self) -> None:
        if self._generation != self._world.generation:
            self._generation, self._folders = self._world.generation, None
            self._admin = people.is_admin(self._world, self.user_id)


class Reply:
    """A response. ``ids`` are the ids of the rows it shows; ``stable`` says that the same request gets the same answer."""

    __slots__ = ("body", "encoded", "headers", "ids", "key", "stable", "status")

    def __init__(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: list[tuple[bytes, bytes]] | None = None,
        ids: tuple[str, ...] = (),
        stable: bool = False,
    ) -> None:
        self.body = body
        self.status = status
        self.headers = headers if headers is not None else [(b"content-type", b"application/json;charset=utf-8")]
        self.ids = ids
        self.stable = stable
        self.key: Any = None
        self.encoded: tuple[bytes, list[tuple[bytes, bytes]]] | None = None


class Call(msgspec.Struct, kw_only=True):
    """What a handler gets. ``params`` are the query parameters (the last one wins), ``body`` the decoded JSON body."""

    operation: "Operation"
    world: World
    actor: Actor
    path: dict[str, str]
    params: dict[str, str]
    orders: dict[Any, list[Row]]
    url: str
    body: Any = None

    @property
    def options(self) -> SimulatorOptions:
        """Return the options of the instance."""
        return self.world.options

    @property
    def fields(self) -> Fields | None:
        """Return the wanted properties, None for all."""
        text = self.params.get("fields")
        return parse(text) if text else None

    def flag(self, name: str) -> bool:
        """Return a boolean parameter. Raises Refused (400) unless it is ``true`` or ``false``."""
        value = self.params.get(name)
        if value is None or value == "":
            return False
        if value.lower() not in ("true", "false"):
            raise Refused(400, f"Invalid boolean for parameter {name!r}")
        return value.lower() == "true"

    def number(self, name: str) -> int | None:
        """Return an integer parameter, None if it is not given. Raises Refused (400) unless it is one."""
        value = self.params.get(name)
        if value is None or value == "":
            return None
        if not value.isdigit():
            raise Refused(400, f"Invalid integer for parameter {name!r}")
        return int(value)


Handler = Callable[[Call], Reply]


class Operation(msgspec.Struct, frozen=True):
    """One operation of the API. ``activity`` is its x-looker-activity-type; non-admins get 404 if it is ``admin_only``.

    ``table`` names the rows it shows, for faults that are aimed at one object, ``body`` the shape that a write takes.
    """

    id: str
    method: str
    path: str
    answer: Handler
    activity: str = "non_query"
    table: str = ""
    admin_only: bool = False
    open: bool = False
    body: str = ""


def json_reply(value: Any, *, status: int = 200) -> Reply:
    """Return *value* as a response."""
    return Reply(jsontext.dumps(value), status=status)


def error_reply(status: int, message: str, where: str, errors: list[Row] | None = None) -> Reply:
    """Return an error in Looker's shape. *where* is ``verb/path`` for the documentation link."""
    body: Row = {
        "message": message,
        "documentation_url": f"{_DOCS}/{status}/{where.replace('{', ':').replace('}', '')}",
    }
    if errors is not None:
        body["errors"] = errors
    return json_reply(body, status=status)


def detail(field: str, code: str, message: str) -> Row:
    """Return one entry of the ``errors`` of a 422."""
    return {"field": field, "code": code, "message": message, "documentation_url": "http://docs.looker.com/"}


def refuse_off(world: World, operation: str) -> None:
    """Refuse an *operation* of a feature that this instance does not have (see the bend ``features_off``)."""
    for entry in filter(None, world.bends.value("features_off").split("+")):
        off, _, status = entry.partition(":")
        if off == operation:
            raise Refused(int(status or 404), "Access forbidden" if status == "403" else "Not found")


def not_found() -> Refused:
    """Return the error for what is absent or may not be seen: Looker does not tell which."""
    return Refused(404, "Not found")
