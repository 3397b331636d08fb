"""Five people and a service account, who edit a simulated instance at random and remember what the log is to tell of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec

from looker_simulator import mutate

EDITORS = 6  # five people and a service account
PLAIN = (
    ("boards", "description"), ("alerts", "custom_title"), ("roles", "name"), ("permission_sets", "name"), ("model_sets", "name"),
    ("user_attributes", "label"), ("users", "first_name"),
)  # fmt: skip
CREATED, CHANGED, DELETED, MOVED = "created", "changed", "deleted", "moved"


class Told(msgspec.Struct):
    """What the log is to tell of one object of one night: the kind, the places, and who was last, None for nobody knows whom."""

    kind: str = CHANGED
    paths: set[str] = set()
    author: str | None = None


class People:
    """Edits objects at random and remembers what the log is to tell of the night."""

    def __init__(self, world: Any, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.told: dict[tuple[str, str], Told] = {}
        self.users = [row["id"] for row in world["users"]][:EDITORS]
        for row in self._visible("dashboards"):
            world.unpack(row["id"])
        self._ways: list[Callable[[], bool]] = [
            self.title, self.described, self.moved, self.tile_title, self.asked, self.placed, self.tile_gone, self.filtered,
            self.look, self.look_called, self.group, self.member, self.plan, self.folder, self.created, self.thrown_away,
            self.tile_added, self.text_tile, self.charted, self.filter_gone, self.look_moved, self.look_asked, self.plain,
        ]  # fmt: skip

    def night(self, count: int) -> None:
        """Make so many edits, each of them one that changes something."""
        self.told = {}
        done = 0
        while done < count:
            done += self.random.choice(self._ways)()

    def _visible(self, table: str) -> list[dict[str, Any]]:
        return [row for row in self.world[table] if not row.get("deleted")]

    def _note(self, kind: str, item_id: str, path: str, author: str | None = None) -> None:
        told = self.told.setdefault((kind, item_id), Told())
        told.paths.add(path)
        told.author = author if author is not None else told.author

    def _noted(self, kind: str, item_id: str, path: str) -> bool:
        found = self.told.get((kind, item_id))
        return found is not None and path in found.paths

    def _steady(self, table: str) -> list[dict[str, Any]]:
        """Return what was there the night before and nobody has thrown away since."""
        gone = (CREATED, DELETED)
        return [
            row
            for row in self._visible(table)
            if self.told.get((table, row["id"]), Told()).kind not in gone and self._is_edited(row)
        ]

    def _is_edited(self, row: dict[str, Any]) -> bool:
        return not row.get("is_system") and row["id"] not in ("1", "lookml")

    def _board(self) -> str:
        return self.random.choice(self._steady("dashboards"))["id"]

    def _word(self) -> str:
        return f"{self.random.choice('abcdef')} {self.random.randrange(10**9)} \u202e {self.random.randrange(10**9)}"

    def _edit(self, board: str, path: str, **values: Any) -> bool:
        user = self.random.choice(self.users)
        self._note("dashboards", board, path, user)
        mutate(self.world, "update", "dashboards", board, {"last_updater_id": user, **values})
        self.world.show_anew(board)
        return True

    def title(self) -> bool:
        return self._edit(self._board(), "title", title=self._word())

    def described(self) -> bool:
        return self._edit(self._board(), "description", description=self._word())

    def moved(self) -> bool:
        board, folders = self._board(), ["1", *(row["id"] for row in self.world["folders"] if row["parent_id"] == "1")]
        now = (self.world["dashboards"].get(board) or {})["folder_id"]
        others = [one for one in folders if one != now]
        if self._noted("dashboards", board, "folder_id") or not others:
            return False  # back where it was would be no change
        return self._edit(board, "folder_id", folder_id=self.random.choice(others))

    def _tiles(self, board: str) -> list[dict[str, Any]]:
        gone = self.told.get(("dashboards", board), Told()).paths
        found = self.world.parts("dashboard_elements", board)
        return [
            one
            for one in found
            if one.get("query_id") and not one.get("look_id") and f"dashboard_elements[{one['id']}]" not in gone
        ]

    def _tile(self) -> tuple[str, dict[str, Any]]:
        board = self.random.choice([row["id"] for row in self._steady("dashboards") if self._tiles(row["id"])])
        return board, self.random.choice(self._tiles(board))

    def tile_title(self) -> bool:
        board, tile = self._tile()
        self.world["dashboard_elements"].change(tile["id"], title=self._word())
        return self._edit(board, f"dashboard_elements[{tile['id']}].title")

    def asked(self) -> bool:
        board, tile = self._tile()
        query = self.world["queries"].get(tile["query_id"])
        anew = self.world["queries"].add(query | {"id": None, "limit": str(self.random.randrange(6000, 10**6))})
        self.world["dashboard_elements"].change(tile["id"], query_id=anew["id"])
        return self._edit(board, f"dashboard_elements[{tile['id']}].query.limit")

    def placed(self) -> bool:
        board, tile = self._tile()
        places = self.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"])
        if not places:
            return False
        place = places[0]
        layout = place["dashboard_layout_id"]
        self.world["dashboard_layout_components"].change(place["id"], row=self.random.randrange(100, 10**6))
        return self._edit(board, f"dashboard_layouts[{layout}].dashboard_layout_components[{place['id']}]")

    def tile_gone(self) -> bool:
        board, tile = self._tile()
        path = f"dashboard_elements[{tile['id']}]"
        watched = any(row.get("dashboard_element_id") == tile["id"] for row in self.world["alerts"])
        paths = self.told.get(("dashboards", board), Told()).paths
        if watched or any(tile["id"] in one for one in paths) or len(self._tiles(board)) < 2:
            return False
        for place in self.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"]):
            self.world["dashboard_layout_components"].remove(place["id"])
        self.world["dashboard_elements"].remove(tile["id"])
        return self._edit(board, path)

    def tile_added(self) -> bool:
        board = self._board()
        layouts = self.world["dashboard_layouts"].where("dashboard_id", board)
        if not layouts:
            return False
        text = {"type": "text", "title_text": self._word(), "body_text": self._word()}
        tile = self._added("dashboard_elements", dashboard_id=board, **text)
        place = {"dashboard_layout_id": layouts[0]["id"], "dashboard_element_id": tile}
        self._added("dashboard_layout_components", **place, row=200, column=0, width=8, height=4, deleted=False)
        return self._edit(board, f"dashboard_elements[{tile}]")

    def _added(self, table: str, **values: Any) -> str:
        """Add a row that has what it is given and nothing else; return its id."""
        return self.world[table].add({**dict.fromkeys(next(iter(self.world[table]))), **values})["id"]

    def text_tile(self) -> bool:
        """Rewrite a text tile that was there the night before."""
        board = self._board()
        told = self.told.get(("dashboards", board), Told()).paths
        texts = [one["id"] for one in self.world.parts("dashboard_elements", board) if one.get("type") == "text"]
        texts = [one for one in texts if f"dashboard_elements[{one}]" not in told]
        if not texts:
            return False
        tile = self.random.choice(texts)
        self.world["dashboard_elements"].change(tile, body_text=self._word())
        return self._edit(board, f"dashboard_elements[{tile}].body_text")

    def charted(self) -> bool:
        """Set something of a chart that it did not have."""
        board, tile = self._tile()
        query = self.world["queries"].get(tile["query_id"])
        chart = {**(query.get("vis_config") or {}), "stacking": self._word()}
        anew = self.world["queries"].add(query | {"id": None, "vis_config": chart})
        self.world["dashboard_elements"].change(tile["id"], query_id=anew["id"])
        return self._edit(board, f"dashboard_elements[{tile['id']}].query.vis_config.stacking")

    def filter_gone(self) -> bool:
        boards = [row["id"] for row in self._steady("dashboards") if self._filters(row["id"])]
        if not boards:
            return False
        board = self.random.choice(boards)
        one = self.random.choice(self._filters(board))
        if any(f"[{one['id']}]" in path for path in self.told.get(("dashboards", board), Told()).paths):
            return False
        self.world["dashboard_filters"].remove(one["id"])
        return self._edit(board, f"dashboard_filters[{one['id']}]")

    def _filters(self, board: str) -> list[dict[str, Any]]:
        """Return the filters that no other names: without those they would be changed too."""
        found = self.world.parts("dashboard_filters", board)
        named = {name for one in found for name in one.get("listens_to_filters") or ()}
        return [one for one in found if one["name"] not in named]

    def look_moved(self) -> bool:
        look = self.random.choice(self._steady("looks"))
        others = [
            row["id"] for row in self.world["folders"] if row["parent_id"] == "1" and row["id"] != look["folder_id"]
        ]
        if self._noted("looks", look["id"], "folder_id") or not others:
            return False
        return self._look(look["id"], folder_id=self.random.choice(others))

    def look_asked(self) -> bool:
        look = self.random.choice(self._steady("looks"))
        query = self.world["queries"].get(look["query_id"])
        anew = self.world["queries"].add(query | {"id": None, "limit": str(self.random.randrange(6000, 10**6))})
        self._look(look["id"], query_id=anew["id"])
        paths = self.told["looks", look["id"]].paths
        paths.remove("query_id")
        paths.add("query.limit")
        return True

    def plain(self) -> bool:
        """Edit one of what has no parts: boards, alerts, roles, sets, attributes, themes, users, plans."""
        kind, field = self.random.choice(PLAIN)
        return self._plain(kind, None, **{field: self._word()})

    def filtered(self) -> bool:
        boards = [row["id"] for row in self._steady("dashboards") if self.world.parts("dashboard_filters", row["id"])]
        if not boards:
            return False
        board = self.random.choice(boards)
        one = self.random.choice(self.world.parts("dashboard_filters", board))
        self.world["dashboard_filters"].change(one["id"], default_value=self._word())
        return self._edit(board, f"dashboard_filters[{one['id']}].default_value")

    def _look(self, look: str = "", **values: Any) -> bool:
        look, user = look or self.random.choice(self._steady("looks"))["id"], self.random.choice(self.users)
        self._note("looks", look, next(iter(values)), user)
        mutate(self.world, "update", "looks", look, {**values, "last_updater_id": user})
        return True

    def look(self) -> bool:
        return self._look(description=self._word())

    def look_called(self) -> bool:
        return self._look(title=self._word())

    def group(self) -> bool:
        return self._plain("groups", name=self._word())

    def folder(self) -> bool:
        tops = [row for row in self._steady("folders") if row["parent_id"] == "1"]
        return self._plain("folders", tops, name=self._word())

    def plan(self) -> bool:
        return self._plain("scheduled_plans", name=self._word())

    def _plain(self, kind: str, among: list[dict[str, Any]] | None = None, **values: Any) -> bool:
        rows = self._steady(kind) if among is None else among
        if not rows:
            return False
        one = self.random.choice(rows)["id"]
        self._note(kind, one, next(iter(values)))
        mutate(self.world, "update", kind, one, values)
        return True

    def member(self) -> bool:
        group, user = self.random.choice(self._steady("groups"))["id"], self.random.choice(self.users)
        if self._noted("group_users", group, f"members[{user}]"):
            return False  # in and out again would be no change
        self._note("group_users", group, f"members[{user}]")
        held = [row for row in self.world["group_users"] if (row["group_id"], row["user_id"]) == (group, user)]
        if held:
            self.world["group_users"].remove(held[0]["id"])
        else:
            self.world["group_users"].add({"id": None, "group_id": group, "user_id": user})
        return True

    def created(self) -> bool:
        user = self.random.choice(self.users)
        made = mutate(
            self.world, "create", "dashboards", self._board(), {"last_updater_id": user, "title": self._word()}
        )
        self.told["dashboards", made] = Told(CREATED, author=user)
        return True

    def thrown_away(self) -> bool:
        kind = self.random.choice(("dashboards", "looks"))
        rows = [
            row
            for row in self._steady(kind)
            if (kind, row["id"]) not in self.told and not self._is_sent(kind, row["id"])
        ]
        if len(rows) < 4:
            return False
        one = self.random.choice(rows)["id"]
        mutate(self.world, "trash", kind, one)
        self.told[kind, one] = Told(DELETED, author=self.world.admin_user_id)
        return True

    def _is_sent(self, kind: str, item_id: str) -> bool:
        """Return whether plans or alerts would be changed with it."""
        tiles = {row["id"] for row in self.world.parts("dashboard_elements", item_id)} if kind == "dashboards" else ()
        sent = any(row.get(f"{kind.removesuffix('s')}_id") == item_id for row in self.world["scheduled_plans"])
        shown = (
            any(row.get("look_id") == item_id for row in self.world["dashboard_elements"]) if kind == "looks" else False
        )
        shown |= any(row.get(f"{kind.removesuffix('s')}_id") == item_id for row in self.world["board_items"])
        return sent or shown or any(row.get("dashboard_element_id") in tiles for row in self.world["alerts"])
