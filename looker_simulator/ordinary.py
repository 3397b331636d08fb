"""An ordinary day: what people do to an instance when nothing goes wrong, at random, for the demo and the tests."""

from random import Random

from looker_simulator import cascades, people, schema
from looker_simulator.mutations import mutate
from looker_simulator.table import Row
from looker_simulator.world import World

_LIKELY: tuple[tuple[str, float], ...] = (
    ("edit", 0.95),
    ("edit", 0.9),
    ("edit", 0.9),
    ("edit", 0.7),
    ("edit", 0.5),
    ("retitle", 0.5),
    ("make", 0.6),
    ("make", 0.3),
    ("add_tile", 0.5),
    ("drop_tile", 0.3),
    ("drop_tile", 0.1),
    ("trash", 0.3),
    ("trash", 0.1),
    ("purge", 0.05),
    ("plan", 0.3),
    ("reschedule", 0.4),
    ("stop_plan", 0.1),
    ("threshold", 0.2),
    ("join", 0.4),
    ("leave", 0.1),
    ("share", 0.2),
    ("unshare", 0.04),
    ("move", 0.15),
)


def ordinary_day(world: World, seed: int) -> list[str]:
    """Let several people work for a day; return what they did. Equal instances and seeds have equal days."""
    with world.lock:
        day = _Day(world, Random(f"ordinary-{seed}"))
        for name, likely in _LIKELY:
            if day.luck.random() < likely:
                day.did.append(name)
                getattr(day, f"_{name}")()
        return day.did


class _Day:
    def __init__(self, world: World, luck: Random) -> None:
        self.world, self.luck = world, luck
        self.did: list[str] = []

    def _any(self, table: str) -> Row | None:
        rows = [row for row in self.world[table] if not row.get("deleted") and not row.get("_deleted")]
        return self.luck.choice(rows) if rows else None

    def _somebody(self) -> str:
        return self.luck.choice([row["id"] for row in self.world["users"] if not row["is_disabled"]])

    def _touch(self, dashboard_id: str) -> None:
        values = {"updated_at": self.world.now(), "last_updater_id": self._somebody()}
        self.world["dashboards"].change(dashboard_id, **values)

    def _edit(self) -> None:
        """Retitle a tile, give it a note, and describe its dashboard."""
        if dashboard := self._any("dashboards"):
            for tile in self.world.parts("dashboard_elements", dashboard["id"])[:1]:
                note = f"checked {self.luck.randrange(10**6)}"
                self.world["dashboard_elements"].change(tile["id"], note_text=note)
            self.world["dashboards"].change(dashboard["id"], description=f"As of {self.luck.randrange(10**6)}")
            self._touch(dashboard["id"])

    def _retitle(self) -> None:
        if look := self._any("looks"):
            values = {"title": f"{look['title']} v{self.luck.randrange(10**6)}", "last_updater_id": self._somebody()}
            mutate(self.world, "update", "looks", look["id"], values)

    def _make(self) -> None:
        table = self.luck.choice(("dashboards", "looks"))
        if row := self._any(table):
            mutate(self.world, "create", table, row["id"], {"title": f"New {self.luck.randrange(10**6)}"})

    def _add_tile(self) -> None:
        if tile := self._any("dashboard_elements"):
            copy = {"id": None, "title": f"Tile {self.luck.randrange(10**6)}"}
            self.world["dashboard_elements"].add(tile | copy)
            self._touch(tile["dashboard_id"])

    def _drop_tile(self) -> None:
        if tile := self._any("dashboard_elements"):
            cascades.remove_tile(self.world, tile["id"])
            self._touch(tile["dashboard_id"])

    def _trash(self) -> None:
        table = self.luck.choice(("dashboards", "looks"))
        if row := self._any(table):
            cascades.trash(self.world, table, row["id"], self._somebody())

    def _purge(self) -> None:
        if look := self._any("looks"):
            cascades.remove_look(self.world, look["id"])

    def _plan(self) -> None:
        if plan := self._any("scheduled_plans"):
            mutate(self.world, "create", "scheduled_plans", plan["id"])

    def _reschedule(self) -> None:
        if plan := self._any("scheduled_plans"):
            crontab = f"{self.luck.randrange(60)} 6 * * *"
            mutate(self.world, "update", "scheduled_plans", plan["id"], {"crontab": crontab, "datagroup": None})

    def _stop_plan(self) -> None:
        if plan := self._any("scheduled_plans"):
            mutate(self.world, "update", "scheduled_plans", plan["id"], {"enabled": False})

    def _threshold(self) -> None:
        if alert := self._any("alerts"):
            self.world["alerts"].change(alert["id"], threshold=self.luck.randrange(1000))

    def _plain_group(self) -> Row | None:
        special = people.all_groups_of(self.world, self.world.admin_user_id) | {self.world.all_users_group_id}
        rows = [row for row in self.world["groups"] if row["id"] not in special and not row["externally_managed"]]
        return self.luck.choice(rows) if rows else None

    def _join(self) -> None:
        if group := self._plain_group():
            user = self._somebody()
            if user not in [row["user_id"] for row in self.world["group_users"].where("group_id", group["id"])]:
                self.world["group_users"].add({"group_id": group["id"], "user_id": user})

    def _leave(self) -> None:
        if group := self._plain_group():
            for edge in self.world["group_users"].where("group_id", group["id"])[:1]:
                self.world["group_users"].remove(edge["id"])

    def _own_lists(self) -> list[Row]:
        metas = self.world["content_metadata"]
        return [
            row
            for row in metas
            if row["folder_id"] in self.world["folders"] and not row["inherits"] and row["parent_id"]
        ]

    def _share(self) -> None:
        """Let a group into a folder that has an access list of its own."""
        group, lists = self._plain_group(), self._own_lists()
        if group and lists:
            meta = self.luck.choice(lists)
            there = self.world["content_metadata_access"].where("content_metadata_id", meta["id"])
            if group["id"] not in [row["group_id"] for row in there]:
                who = {"content_metadata_id": meta["id"], "permission_type": "view", "group_id": group["id"]}
                self.world["content_metadata_access"].add(schema.new("ContentMetaGroupUser", **who))

    def _unshare(self) -> None:
        """Take a group out of such a list again."""
        for meta in self._own_lists():
            rows = self.world["content_metadata_access"].where("content_metadata_id", meta["id"])
            groups = [row for row in rows if row["group_id"] and row["group_id"] != self.world.all_users_group_id]
            if groups:
                self.world["content_metadata_access"].remove(groups[0]["id"])
                return

    def _move(self) -> None:
        look, folder = self._any("looks"), self._any("folders")
        if look and folder and not folder["is_embed"]:
            mutate(self.world, "update", "looks", look["id"], {"folder_id": folder["id"]})
            self.world["content_metadata"].change(look["content_metadata_id"], parent_id=folder["content_metadata_id"])
