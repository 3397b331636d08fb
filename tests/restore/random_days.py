"""A bad day on an instance: people change it at random through its API.

A day is drawn from a seed, each change from the seed and its number: the same seed is the same day, and a day *without* some of
its changes has the others as they were, as far as what they need is there. ``record`` says what was asked and answered.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Container, Iterable
from random import Random
from typing import Any

from looker_simulator import mutate, oracle, schema
from looker_simulator.schema import Property
from looker_simulator.table import Row
from looker_simulator.world import World
from lookervault_core.errors import LookerError
from lookervault_core.looker.client import Looker
from tests.restore.random_changes import (
    ADDED,
    CALLS,
    DELETED,
    EXCHANGED,
    IN_THE_SAME_DASHBOARD,
    KINDS,
    LEFT_ALONE,
    LISTS,
    NEEDED,
    REFERENCES,
    SPARED,
    TILE_SOURCES,
    VALUES,
)

# What no restore brings back, as lines of `oracle.differences`, and why.
KNOWN_LOSSES = {
    r"^(?!boards › ).*\(trash\)": "what lies in the trash cannot be written",
    r"^boards › [^›]* \(trash\): new$": "an exact restore removes nothing from the trash for good",
    r"\battribute_2\b": "its values are hidden: nobody can read them back",
    r"› value_is_hidden: false → true$": "Looker does not show again what it hides",
    r"› public_slug: ": "a look that is made anew gets another public link",
    r'"number 1\.10" → 1\.1$': "a number is its value, however Looker writes it",
    r'› tab: (null → "1: [^"]*"|"1: [^"]*" → null)$': "where there is one tab, Looker need not say that a tile is on it",
    r"intranet\.example": "a link to another host is not ours",
    r"› hidden_value_domain_whitelist: ": "Looker does not change it once it is set",
    r'› certification\[0\]: (null → "revoked"|"revoked" → null)': "Looker's way to say that there is none",
    r"^alerts › .*\(gone\)": "a tile that was deleted before the backup: its alert shows nothing",
    r"^users › user4@example\.com › (logins|email_login): ": "the identity provider makes its login at the next sign-in",
    r"^users › nightly-exports › (first_name|last_name|locale)": "not writable for a service account",
}

# Where the values of a user attribute stand in such a line: before its name and after it.
_VALUES_OF = (("› attribute_values › ", ": "), ("user_attributes › ", " › group_values"))


class NothingThere(LookupError):
    """There is no row that a change could be made to."""


class RandomDay:
    """One day on the instance *world*, which *looker* talks to."""

    def __init__(self, world: World, looker: Looker, seed: int) -> None:
        self.record: list[str] = []
        self._world, self._looker, self._seed = world, looker, seed
        self._number, self._luck = 0, Random(seed)
        self._old_trash = {
            (table, row["id"]) for table in ("dashboards", "looks") for row in world[table] if row["deleted"]
        }
        self._changes = changes()

    def spend(self, count: int, without: Container[int] = ()) -> RandomDay:
        """Return the day after *count* changes, those with the numbers *without* left out."""
        weights = [weight for weight, _ in self._changes.values()]
        for self._number in range(count):
            self._luck = Random(f"{self._seed}-{self._number}")
            name = self._luck.choices(list(self._changes), weights)[0]
            if self._number not in without:
                self._make(name)
        self._world.fired.clear()
        self._world.enabled.clear()
        return self

    def _make(self, name: str) -> None:
        try:
            self._changes[name][1](self)
        except NothingThere as exc:
            self.record.append(f"{self._number}. {name}: there are no {exc}")

    def call(self, request: str, body: Any = None) -> bool:
        """Return whether Looker takes a request such as ``PUT /themes/default?name=A``."""
        method, _, path = request.partition(" ")
        path, _, query = path.partition("?")
        content = None if body is None else json.dumps(body).encode()
        try:
            getattr(self._looker, method.lower())("day", path, content, dict([query.split("=", 1)]) if query else None)
            outcome = "ok"
        except LookerError as exc:
            outcome = f"refused: {str(exc)[:90]}"
        self.record.append(f"{self._number}. {request} {'' if body is None else json.dumps(body)[:300]} → {outcome}")
        return outcome == "ok"

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table that may be changed, or with ``trashed_`` before its name what the day put into the trash."""
        name = table.removeprefix("trashed_")
        if name != table:
            return [row for row in self._world[name] if row["deleted"] and (name, row["id"]) not in self._old_trash]
        spared = SPARED.get(table, lambda _, row: row.get("deleted") or row.get("_deleted"))
        gone = (row for row in self._world[table] if not (row.get("deleted") or row.get("_deleted")))
        return [row for row in gone if not spared(self._world, row)]

    def any(self, table: str, suits: Callable[[Row], bool] = lambda _: True) -> Row:
        """Return a row of a table. Raises NothingThere."""
        rows = [row for row in self.rows(table) if suits(row)]
        if not rows:
            raise NothingThere(table)
        return self._luck.choice(rows)

    # What one change is ------------------------------------------------------------------------------------------------------

    def make_call(self, request: str, body: Any) -> None:
        drawn = Drawn(self)
        self.call(request.format_map(drawn), self._filled(body, drawn))

    def _filled(self, value: Any, drawn: Drawn) -> Any:
        if isinstance(value, tuple):
            return self._filled(self._luck.choice(value), drawn)
        if isinstance(value, list):
            return [self._filled(one, drawn) for one in value]
        if isinstance(value, dict):
            return {name: self._filled(one, drawn) for name, one in value.items()}
        return value.format_map(drawn) if isinstance(value, str) else value

    def edit(self) -> None:
        table = self._luck.choice(list(KINDS))
        row = self.any(table)
        if table == "alerts":  # there is no PATCH of all of an alert
            self.call(f"PUT /alerts/{row['id']}", self._copy(table, row) | self._values(table, row, 2))
        else:
            self.call(f"PATCH /{table}/{row['id']}", self._values(table, row, self._luck.choice((1, 1, 2, 4))))

    def _values(self, table: str, row: Row, count: int) -> Row:
        left_alone = LEFT_ALONE | (TILE_SOURCES if table == "dashboard_elements" else set())
        fields = [one for one in writable(table) if one.name not in left_alone and editable(one)]
        return {one.name: self._value(one, row) for one in self._luck.sample(fields, min(count, len(fields)))}

    def _value(self, field: Property, row: Row) -> Any:
        if field.name in REFERENCES:
            return self._reference(field.name, row)
        if field.name in LISTS:
            there = list(row.get(field.name) or ())
            kept = self._luck.sample(there, len(there))
            return kept[1:] if field.name in ("permissions", "models") else kept
        return self._luck.choice(VALUES[field.type] + ((None,) if field.nullable else ()))

    def _reference(self, field: str, row: Row) -> str | None:
        near = field in IN_THE_SAME_DASHBOARD and "dashboard_id" in row
        found = self.any(REFERENCES[field], lambda one: not near or one["dashboard_id"] == row["dashboard_id"])
        nothing = self._luck.random() < 0.1 and "dashboard_layout_id" not in (field, *row)
        return None if nothing else found["id"]

    def _copy(self, table: str, row: Row) -> Row:
        return {one.name: row[one.name] for one in writable(table) if one.name in row and not one.type[0].isupper()}

    def add(self, table: str) -> None:
        row = self.any(table)
        unique = ("slug", "section_order", "item_order", "deleted")
        body = {name: value for name, value in self._copy(table, row).items() if name not in unique}
        body |= {name: row[name] for name in NEEDED if name in row}
        for name in ("title", "name", "label"):
            if name in body and self._luck.random() < 0.7:
                body[name] = self._luck.choice(("A", "B", "new"))
        self.call(f"POST /{table}", body)

    def exchange(self, table: str, column: str, path: str) -> None:
        """Exchange the names of two, in three calls; now and then not all of them."""
        one = self.any(table)
        other = self.any(table, lambda row: row is not one and row.get("dashboard_id") == one.get("dashboard_id"))
        first, second = path.format_map(one), path.format_map(other)
        names, between = (
            (one[column], other[column]),
            f"t{self._luck.randrange(9**6)}" + "@example.com" * (column == "email"),
        )
        for place, name in ((first, between), (second, names[0]), (first, names[1])):
            if self._luck.random() < 0.1 or not self.call(f"PATCH {place}", {column: name}):
                return

    def turn_over(self) -> None:
        """Put a folder into one that lies in it."""
        outer = self.any(
            "folders", lambda row: row["parent_id"] and bool(self._world["folders"].where("parent_id", row["id"]))
        )
        inner = self._luck.choice(self._world["folders"].where("parent_id", outer["id"]))
        if self.call(f"PATCH /folders/{inner['id']}", {"parent_id": outer["parent_id"]}):
            self.call(f"PATCH /folders/{outer['id']}", {"parent_id": inner["id"]})

    def listen(self) -> None:
        """Let a tile listen to other filters."""
        tile = self.any("dashboard_elements", lambda row: bool((row["result_maker"] or {}).get("filterables")))
        other = ([], [{"dashboard_filter_name": "A", "field": "x.y"}])
        heard = [one | {"listen": self._luck.choice(other)} for one in tile["result_maker"]["filterables"]]
        self.call(f"PATCH /dashboard_elements/{tile['id']}", {"result_maker": {"filterables": heard}})

    def reorder_values(self) -> None:
        """Let the groups' values of an attribute count in the opposite order."""
        attribute = self.any("user_attributes")["id"]
        values = self._world["user_attribute_group_values"].where("user_attribute_id", attribute)
        order = [{"group_id": one["group_id"], "value": one["value"]} for one in reversed(values)]
        self.call(f"POST /user_attributes/{attribute}/group_values", order)


class Drawn(dict[str, Row]):
    """The rows that one change is about, by their names in a call; drawn when they are named first."""

    def __init__(self, day: RandomDay) -> None:
        super().__init__()
        self._day = day

    def __missing__(self, name: str) -> Row:
        known = list(self.values())
        self[name] = self._day.any(name.removeprefix("other_"), lambda row: row not in known)
        return self[name]


def changes() -> dict[str, tuple[int, Callable[[RandomDay], None]]]:
    """Return all kinds of changes by name: how often each is made, and what makes it."""
    found: dict[str, tuple[int, Callable[[RandomDay], None]]] = {
        "edit": (20, RandomDay.edit),
        "turn folders over": (2, RandomDay.turn_over),
        "listen to others": (1, RandomDay.listen),
        "reorder values": (1, RandomDay.reorder_values),
    }
    for name, (weight, request, body) in CALLS.items():
        found[name] = (weight, lambda day, call=request, body=body: day.make_call(call, body))
    for table, weight in DELETED.items():
        found[f"delete {table}"] = (
            weight,
            lambda day, table=table: day.make_call(f"DELETE /{table}/{{{table}[id]}}", None),
        )
    for table, weight in ADDED.items():
        found[f"add {table}"] = (weight, lambda day, table=table: day.add(table))
    for table, column, path, weight in EXCHANGED:
        found[f"exchange {table} {column}"] = (weight, lambda day, *, a=(table, column, path): day.exchange(*a))
    return found


def writable(table: str) -> list[Property]:
    return [one for one in schema.shape(KINDS[table]).values() if one.writable]


def editable(field: Property) -> bool:
    return field.name in REFERENCES or field.name in LISTS or field.type in VALUES


def tidy(world: World) -> None:
    """Delete the tiles that have no place: no call gives them one that is as it was."""
    for dashboard in list(world["dashboards"]):
        for tile in world.parts("dashboard_elements", dashboard["id"]):
            if not world["dashboard_layout_components"].count("dashboard_element_id", tile["id"]):
                mutate(world, "delete", "dashboard_elements", tile["id"])


def losses(before: Row, world: World) -> list[str]:
    """Return how an instance differs from what it was *before*, except for the known losses."""
    old, new = _seen(before), _seen(oracle.dump(world))
    for name, board in new["boards"].items():  # what lay in the trash and is in no backup stays there
        known = old["boards"].get(name, {}).get("sections", ())
        board["sections"] = [one for one in board["sections"] if not one["deleted"] or one in known]
    return unknown(oracle.differences(old, new))


def _seen(dump: Row) -> Row:
    """Return a dump without the board items whose content is gone or in the trash: what is gone is not the same again."""
    boards = copy.deepcopy(dump["boards"])
    for board in boards.values():
        for section in board["sections"]:
            section["items"] = [one for one in section["items"] if not _is_hidden(one)]
    return dump | {"boards": boards}


def _is_hidden(item: Row) -> bool:
    return any(re.search(r"\((gone|trash)\)", item[kind] or "") for kind in ("dashboard", "look"))


def unknown(lines: Iterable[str]) -> list[str]:
    """Return which lines tell of no known loss. A tile that showed nothing goes on with the look that it shows by now, and with
    what that listens to. The values of an attribute that was hidden since stay: nobody can read what would be overwritten."""
    lines = list(lines)
    looks = [line.partition(" › look: null → ") for line in lines]
    kept = {f"{tile} › listens: [] " for tile, shows, _ in looks if shows}
    hidden = [match[1] for line in lines if (match := re.match(r"user_attributes › (.*) › value_is_hidden: ", line))]
    kept |= {f"{place}{name}{end}" for name in hidden for place, end in _VALUES_OF}
    known = (*KNOWN_LOSSES, *map(re.escape, kept))
    return [line for line in lines if not any(re.search(one, line) for one in known)]
