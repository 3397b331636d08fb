"""Picks victims for ``wreck`` so that one damage does not undo another, and keeps the record."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from looker_simulator import people
from looker_simulator.names import Names
from looker_simulator.table import Row
from looker_simulator.world import World


class Vandal:
    """What the damages share. ``did`` is the record."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.names = Names(world)
        self.did: list[str] = []
        self._taken: set[tuple[str, str]] = set()

    def take(self, table: str, count: int = 1, suits: Callable[[Row], bool] | None = None) -> list[Row]:
        """Return up to *count* rows that no damage has hit yet and that *suits* accepts; none of them is in the trash."""
        rows = [row for row in self.world[table] if not row.get("deleted") and not row.get("_deleted")]
        rows = [row for row in rows if (table, row[self.world[table].key]) not in self._taken]
        found: list[Row] = []
        self.random.shuffle(rows)
        for row in rows:
            if len(found) == count:
                break
            if suits is None or suits(row):
                found.append(row)
                self.spare(table, row[self.world[table].key])
        return found

    def spare(self, table: str, *row_ids: str) -> None:
        """Keep rows from being taken by a later damage."""
        self._taken |= {(table, row_id) for row_id in row_ids}

    def note(self, line: str) -> None:
        """Record one deed."""
        self.did.append(line)

    def change(self, table: str, row: Row, **values: Any) -> None:
        """Change a row as a careless user would: the timestamp moves along."""
        if "updated_at" in row:
            values = {"updated_at": self.world.now()} | values
        self.world[table].change(row[self.world[table].key], **values)

    def tiles(self, dashboard_id: str) -> list[Row]:
        """Return the tiles of a dashboard that are not in the trash."""
        return self.world.parts("dashboard_elements", dashboard_id)

    def restorable(self, dashboard: Row) -> bool:
        """Return whether every tile has a place and a source that the API can make again."""
        places = self.world["dashboard_layout_components"]
        return all(places.count("dashboard_element_id", tile["id"]) for tile in self.tiles(dashboard["id"]))

    def groups(self, dashboard: Row) -> list[Row]:
        """Return the groups of tiles on a dashboard, which no call makes."""
        places = self.world["dashboard_layout_components"]
        tabs = self.world.parts("dashboard_layouts", dashboard["id"])
        rows = (row for tab in tabs for row in places.where("dashboard_layout_id", tab["id"]))
        return [row for row in rows if not row["dashboard_element_id"]]

    def replaceable(self, dashboard: Row) -> bool:
        """Return whether the API can make all of a dashboard again."""
        pictures = self.world["dashboard_images"].count("dashboard_id", dashboard["id"])
        return self.restorable(dashboard) and not pictures and not self.groups(dashboard)

    def ordinary(self, user: Row) -> bool:
        """Return whether a user is neither the caller nor the viewer nor an admin, and logs in by e-mail."""
        world = self.world
        special = user["id"] in (world.admin_user_id, world.viewer_user_id)
        return not special and not people.is_admin(world, user["id"]) and user["id"] in world["credentials_email"]

    def has_hidden_values(self, table: str, column: str, row_id: str) -> bool:
        """Return whether a user or group has attribute values that nobody can read, hence nobody restore."""
        attributes = self.world["user_attributes"].rows
        rows = self.world[table].where(column, row_id)
        return any(attributes[row["user_attribute_id"]]["value_is_hidden"] for row in rows)

    def title(self, row: Row) -> str:
        """Return how to call a row in the record."""
        return repr(row.get("title") or row.get("name") or row.get("label") or row.get("custom_title") or row.get("id"))

    def titles(self, rows: Iterable[Row]) -> str:
        """Return how to call several rows."""
        return ", ".join(self.title(row) for row in rows)
