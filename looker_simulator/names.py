"""What to call an object without its id: e-mail addresses, names, paths, titles."""

import re
from collections import Counter
from typing import Any

from looker_simulator import shapes_people as people_shapes
from looker_simulator.api import empty
from looker_simulator.shapes_content import user_name
from looker_simulator.table import Row
from looker_simulator.world import World

GONE = "(gone)"
_LINK = re.compile(r"(?<![\w.])/(dashboards|looks|folders|boards)/(\d+)")


class Names:
    """Natural names on one instance at one moment. A reference to what is not there is called ``(gone)``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._owners = {user["personal_folder_id"]: user for user in world["users"]}
        self._paths: dict[str, str] = {}
        self._content: dict[str, dict[str, str]] = {}
        self.tiles: dict[str, str] = {}
        self._palettes = {
            palette["id"]: f"{row['label']} / {palette['label']} {kind} {n}"
            for row in world["color_collections"]
            for kind in ("categoricalPalettes", "sequentialPalettes", "divergingPalettes")
            for n, palette in enumerate(row.get(kind) or ())
        }

    def user(self, user_id: str | None) -> str | None:
        """Return the e-mail address, else the embed or service account name, else the display name."""
        row = self._world["users"].get(user_id) if user_id else None
        if row is None:
            return None if not user_id else GONE
        external = [login["external_user_id"] for login in row["credentials_embed"] or ()]
        found = people_shapes.email(self._world, row) or (external[0] if external else row["service_account_name"])
        return found or user_name(self._world, row["id"]) or "nameless"

    def named(self, table: str, row_id: str | None, column: str = "name") -> str | None:
        """Return the *column* of a row, None for no id."""
        if row_id is None or row_id == "":
            return None
        row = self._world[table].get(row_id)
        return row[column] if row else GONE

    def folder(self, folder_id: str | None) -> str | None:
        """Return the path of a folder; a personal one is called after its user."""
        if folder_id is None:
            return None
        if folder_id not in self._paths:
            row = self._world["folders"].get(folder_id)
            self._paths[folder_id] = self._path(row) if row else GONE
        return self._paths[folder_id]

    def _path(self, row: Row) -> str:
        name = row["name"]
        if row["is_personal"] and row["id"] in self._owners:
            name = f"home of {self.user(self._owners[row['id']]['id'])}"
        return f"{self.folder(row['parent_id'])}/{name}" if row["parent_id"] else name

    def content(self, table: str, row_id: str | None) -> str | None:
        """Return folder and title of a dashboard or look, with a number where several share them."""
        if row_id is None or row_id == "":
            return None
        if table not in self._content:
            self._content[table] = self._all_content(table)
        return self._content[table].get(row_id, GONE)

    def _all_content(self, table: str) -> dict[str, str]:
        found: dict[str, str] = {}
        seen: Counter[str] = Counter()
        for row in sorted(self._world[table], key=lambda row: row.get("slug") or ""):
            name = f"{self.folder(row['folder_id'])}/{row['title']}" + (" (trash)" if row["deleted"] else "")
            seen[name] += 1
            found[row["id"]] = name if seen[name] == 1 else f"{name} #{seen[name]}"
        return found

    def written(self, kind: str, row: Row, *without: str) -> Row:
        """Return what can be written of a row, except the names *without*. Nobody can tell an empty text from none."""
        names = [
            prop.name for prop in self._world.api.writable(kind) if not prop.write_only and prop.name not in without
        ]
        plain = {name: self.told(kind, name, row.get(name)) for name in names}
        return plain | self.invented(kind, row)

    def told(self, kind: str, name: str, value: Any) -> Any:
        """Return a value as the instance shows it, without what says nothing."""
        shown = self._world.api.as_shown(kind, name, value)
        if isinstance(shown, dict) and self._world.api.is_structure(kind, name):
            return {key: one for key, one in shown.items() if one is not None}
        return None if shown == "" else shown

    def invented(self, kind: str, row: Row) -> Row:
        """Return what a row has in the fields that no release has."""
        props = [prop for prop in self._world.api.beyond(kind) if prop.writable]
        return {prop.name: empty(prop) if row.get(prop.name) is None else row[prop.name] for prop in props}

    def links(self, text: str | None) -> str | None:
        """Return *text* with the ids in its links to content replaced; a link to another host is left alone."""
        return _LINK.sub(self._link, text) if text else text

    def deep_links(self, value: Any) -> Any:
        """Return *value* with the links in its texts replaced, at any depth."""
        if isinstance(value, dict):
            return {name: self.deep_links(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.deep_links(one) for one in value]
        return self.links(value) if isinstance(value, str) else value

    def _link(self, match: re.Match[str]) -> str:
        table, row_id = match.groups()
        if row_id not in self._world[table]:
            return match[0]
        if table in ("dashboards", "looks"):
            return f"/{table}/<{self.content(table, row_id)}>"
        name = self.folder(row_id) if table == "folders" else self.named(table, row_id, "title")
        return f"/{table}/<{name}>"

    def colors(self, value: Any) -> Any:
        """Return visualization settings with collections and palettes called by their labels, at any depth."""
        if isinstance(value, dict):
            return {name: self._color(name, one) for name, one in value.items()}
        return [self.colors(one) for one in value] if isinstance(value, list) else value

    def _color(self, name: str, value: Any) -> Any:
        if name == "collection_id" and isinstance(value, str):
            return self.named("color_collections", value, "label")
        if name == "palette_id" and isinstance(value, str):
            return self._palettes.get(value, value)
        return self.colors(value)


def keyed(rows: list[tuple[str, Any]], order: Any) -> dict[str, Any]:
    """Return a map of names to documents; where names repeat, the documents' own *order* numbers them."""
    found: dict[str, Any] = {}
    seen: Counter[str] = Counter()
    for name, doc in sorted(rows, key=lambda pair: (pair[0], order(pair[1]))):
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} #{seen[name]}"] = doc
    return found
