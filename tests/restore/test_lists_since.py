"""An undo of each list and of each value that has no object of its own: what people have changed, added or taken away since stays
as they left it and is named, and what nobody has touched since is as before the restore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.catalog import ALLOWLIST, CATALOG, WRITES
from lookervault_core.diff.difference import ORDERS
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo, undoing
from lookervault_core.vault import Vault
from tests.simulated import capture_all, client


class Listing(NamedTuple):
    """Where the rows of a list stand in the simulated instance: the column of the owner, that which tells a row from the others,
    the rest of a row, and the column of what it says, with what that is in the backup, after the wreck and by people."""

    table: str
    owner: str
    column: str
    keys: str
    more: tuple[tuple[str, Any], ...] = ()
    says: str = ""
    values: tuple[Any, Any, Any] = ("backed up", "wrecked", "by Ann")


LISTS = {
    ("group_users", "members"): Listing("group_users", "group_id", "user_id", "users"),
    ("role_users", "members"): Listing("role_users", "role_id", "user_id", "users"),
    ("role_groups", "members"): Listing("role_groups", "role_id", "group_id", "groups"),
    ("groups", "parent_group_ids"): Listing("group_groups", "group_id", "parent_id", "groups"),
    ("user_attribute_values", "values"): Listing(
        "user_attribute_user_values", "user_id", "user_attribute_id", "attributes", says="value"
    ),
    ("user_attribute_group_values", "values"): Listing(
        "user_attribute_group_values", "user_attribute_id", "group_id", "groups", (("rank", 1),), says="value"
    ),
    ("content_metadata_accesses", "accesses"): Listing(
        "content_metadata_access", "content_metadata_id", "user_id", "users", (("group_id", None),),
        says="permission_type", values=("edit", "view", "view"),
    ),
    ("ci_suites", "suites"): Listing("ci_suites", "project_id", "name", "names", says="schedule_trigger_crontab"),
    ("instance_settings", "entries"): Listing(
        "support_access_allowlist", "", "email", "emails", (("reason", "why not"),), says="reason"
    ),
}  # fmt: skip
# By the row: whether the backup has it, what the wreck does to it and what people do to it after the restore.
BACKED_UP = (
    "made, changed",
    "made, taken",
    "made, left",
    "changed",
    "taken",
    "left",
    "untouched, taken",
    "untouched, changed",
)
WRECK = {"changed": "change", "taken": "change", "left": "change"} | dict.fromkeys(
    ("made, changed", "made, taken", "made, left"), "remove"
)
ADDED = ("removed, left", "removed, added")
BY_PEOPLE = {
    "made, changed": "change", "made, taken": "remove", "changed": "change", "taken": "remove",
    "untouched, taken": "remove", "untouched, changed": "change", "removed, added": "add", "added": "add",
}  # fmt: skip
ROWS = (*BACKED_UP, *ADDED, "added")


@dataclass
class Undone:
    """What an instance was before the restore, was left as by people, and is now; what the plan and the report name."""

    before: dict[str, dict[str, Any]]
    by_people: dict[str, dict[str, Any]]
    now: dict[str, dict[str, Any]]
    owners: dict[str, ContentKey]
    plan: Plan
    report: Report
    again: Report

    def lost(self, name: str) -> list[str]:
        """Return what is named as lost of an object, by the plan and by the report."""
        key = self.owners[name]
        planned = [f"{field}: {why}" for step in self.plan.steps if step.key == key for field, why in step.lost]
        told = [f"{field}: {why}" for one in self.report.proof.items if one.key == key for field, why in one.lost]
        assert sorted(planned) == sorted(told)
        return told


@pytest.fixture(scope="module")
def undone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undone]:
    options = SimulatorOptions(scale="tiny", release="26.22")
    path = tmp_path_factory.mktemp("since") / "looker.db"
    with Simulator(options) as simulator, client(simulator) as looker, Vault.create_or_open(path) as vault:
        world = Lists(simulator, looker)
        world.fill()
        capture_all(vault, looker, simulator)
        world.wreck()
        before = world.shown()
        kinds = ("groups", "users", "roles", "user_attributes", "folders", "ci_suites", "instance_settings", "themes")
        selection = Selection.bulk(*kinds, "color_collections", "permission_sets", "model_sets", "dashboards", "looks")
        report = restore(RestoreRun(vault, looker, selection, RestoreOptions(exact=True), sleep=lambda _: None))
        assert report.status == "completed"
        assert world.shown() == world.backed_up
        world.edit()
        by_people = world.shown()
        with undoing(vault, looker, report.session_id) as run:
            plan = run.plan()
        taken, now = undo(vault, looker, report.session_id), world.shown()
        yield Undone(before, by_people, now, world.owners, plan, taken, undo(vault, looker, report.session_id))


class Lists:
    """The lists and values of an instance, and what is done to them. Nothing but what is tried here."""

    def __init__(self, simulator: Simulator, looker: Any) -> None:
        self.world, self._looker = simulator.world, looker
        self.backed_up: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, list[str]] = {
            "names": [f"suite {number}" for number in range(len(ROWS))],
            "emails": [f"{number}@support.example" for number in range(len(ROWS))],
        }
        self._owners: dict[str, str] = {}

    @property
    def owners(self) -> dict[str, ContentKey]:
        lists = {name: ContentKey(kind, self._owners[name]) for kind, field in LISTS for name in (f"{kind}.{field}",)}
        return lists | VALUES

    def _made(self, path: str, **body: Any) -> str:
        return str(json.loads(self._looker.post("setup", path, json.dumps(body).encode()).body)["id"])

    def fill(self) -> None:
        """Make owners with a list each, and what stands in these."""
        self._made("/themes", name="third")
        numbers = range(len(ROWS))
        self.keys["users"] = [self._made("/users", first_name=f"User {n}") for n in numbers]
        self.keys["groups"] = [self._made("/groups", name=f"Group {n}") for n in numbers]
        self.keys["attributes"] = [
            self._made("/user_attributes", name=f"since_{n}", label=f"Attribute {n}", type="string") for n in numbers
        ]
        own = next(
            row
            for row in self.world["content_metadata"]
            if row["folder_id"] and row["parent_id"] and not row["inherits"]
        )
        roles = [
            self._made("/roles", name=name, permission_set_id="2", model_set_id="2")
            for name in ("of users", "of groups")
        ]
        owners = [
            self._made("/groups", name="of users"), *roles, self._made("/groups", name="inside"),
            self._made("/users", first_name="Owner"),
            self._made("/user_attributes", name="of_groups", label="Of groups", type="string"),
            own["id"], next(iter(self.world["projects"]))["id"], ALLOWLIST,
        ]  # fmt: skip
        for (kind, field), owner in zip(LISTS, owners, strict=True):
            name = f"{kind}.{field}"
            self._owners[name] = owner
            for row in BACKED_UP:
                self._put(name, row, LISTS[kind, field].values[0])
        for name, key in VALUES.items():
            SETTERS[name](self.world, key.id, 0)
        self.backed_up = self.shown()

    def wreck(self) -> None:
        for name, listing in self._lists():
            for row, how in WRECK.items():
                self._do(name, row, how, listing.values[1])
            for row in ADDED:
                self._put(name, row, listing.values[1])
        for name, key in VALUES.items():
            SETTERS[name](self.world, key.id, 1)

    def edit(self) -> None:
        for name, listing in self._lists():
            for row, how in BY_PEOPLE.items():
                self._do(name, row, how, listing.values[2])
        for name, key in VALUES.items():
            SETTERS[name](self.world, key.id, 2)

    def shown(self) -> dict[str, dict[str, Any]]:
        lists = {
            name: {row: self._of(name, row) for row in ROWS if self._of(name, row) is not None}
            for name, _ in self._lists()
        }
        return lists | {name: {"": GETTERS[name](self.world, key.id)} for name, key in VALUES.items()}

    def _lists(self) -> Iterator[tuple[str, Listing]]:
        yield from ((f"{kind}.{field}", listing) for (kind, field), listing in LISTS.items())

    def _row(self, name: str, row: str) -> dict[str, Any] | None:
        listing, key = dict(self._lists())[name], self._key(name, row)
        owner = {listing.owner: self._owners[name]} if listing.owner else {}
        wanted = {**owner, listing.column: key}.items()
        return next((one for one in self.world[listing.table] if wanted <= one.items()), None)

    def _key(self, name: str, row: str) -> str:
        return self.keys[dict(self._lists())[name].keys][ROWS.index(row)]

    def _of(self, name: str, row: str) -> Any:
        found, says = self._row(name, row), dict(self._lists())[name].says
        return None if found is None else found[says] if says else True

    def _put(self, name: str, row: str, value: Any) -> None:
        listing = dict(self._lists())[name]
        table = self.world[listing.table]
        like = next(iter(table), {})
        body = {**like, **dict(listing.more), "id": None, listing.column: self._key(name, row)}
        body |= {listing.owner: self._owners[name]} if listing.owner else {}
        table.add(body | ({listing.says: value} if listing.says else {}))

    def _do(self, name: str, row: str, how: str, value: Any) -> None:
        listing, found = dict(self._lists())[name], self._row(name, row)
        if how == "add":
            self._put(name, row, value)
        elif found is not None and how == "remove":
            self.world[listing.table].remove(found["id"])
        elif found is not None and listing.says:
            self.world[listing.table].change(found["id"], **{listing.says: value})


def chosen(table: str, attribute: str) -> tuple[Any, Any]:
    def put(world: Any, _: str, number: int) -> None:
        setattr(world, attribute, [row["id"] for row in world[table]][number])

    return put, lambda world, _: getattr(world, attribute)


def field(table: str, name: str, *values: Any, shown: Any = lambda value: value) -> tuple[Any, Any]:
    def put(world: Any, item_id: str, number: int) -> None:
        world[table].change(item_id, **{name: values[number]})

    return put, lambda world, item_id: shown(world[table].get(item_id)[name])


def seal(notes: str) -> dict[str, str]:
    return {"certification_status": "certified", "notes": notes, "user_id": "1"}


_SEALS = [seal("backed up"), seal("wrecked"), seal("by Ann")]
_PERMISSIONS = [["access_data", "see_looks"], ["access_data"], ["access_data", "see_user_dashboards"]]
VALUES_OF = {
    "default_theme": (ContentKey("default_theme", "default"), chosen("themes", "default_theme_id")),
    "default_color_collection": (
        ContentKey("default_color_collection", "default"), chosen("color_collections", "default_color_collection_id"),
    ),
    "permission_sets.permissions": (
        ContentKey("permission_sets", "6"), field("permission_sets", "permissions", *_PERMISSIONS),
    ),
    "model_sets.models": (ContentKey("model_sets", "2"), field("model_sets", "models", ["a"], ["b"], ["c"])),
    "looks.certification": (
        ContentKey("looks", "1"), field("looks", "certification_metadata", *_SEALS, shown=lambda row: row["notes"]),
    ),
    "instance_settings": (
        ContentKey("instance_settings", "custom_welcome_email"),
        field("instance_settings", "content", "backed up", "wrecked", "by Ann"),
    ),
}  # fmt: skip
VALUES = {name: key for name, (key, _) in VALUES_OF.items()}
SETTERS = {name: ways[0] for name, (_, ways) in VALUES_OF.items()}
GETTERS = {name: ways[1] for name, (_, ways) in VALUES_OF.items()}


def test_every_list_and_every_value_of_its_own_is_tried():
    lists = {(kind, one.field) for kind, facts in WRITES.items() for one in facts.collections}
    shown_only = {
        (kind, name) for kind, name in lists if name == "hidden"
    }  # of whom Looker hides the value: nothing is written
    assert lists - shown_only - {(kind, name) for kind, name in lists if name in ORDERS} == LISTS.keys()
    assert {name for name, row in CATALOG.items() if row.single} <= VALUES.keys()


@pytest.mark.parametrize("name", [f"{kind}.{field}" for kind, field in LISTS])
def test_each_row_that_people_touched_since_stays_and_each_other_one_is_as_before(name, undone):
    says = {f"{kind}.{field}": bool(listing.says) for (kind, field), listing in LISTS.items()}[name]
    touched = [row for row, how in BY_PEOPLE.items() if says or how != "change"]
    told = {row: undone.by_people[name].get(row) for row in touched}
    rest = {row: undone.before[name].get(row) for row in ROWS if row not in told}
    assert {row: undone.now[name].get(row) for row in ROWS} == told | rest
    assert any("changed since the restore" in line for line in undone.lost(name)), undone.lost(name)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_people_changed_since_stays(name, undone):
    assert undone.now[name] == undone.by_people[name] != undone.before[name]
    assert any("changed since the restore" in line for line in undone.lost(name)), undone.lost(name)


def test_the_undo_is_completed_and_another_one_writes_nothing(undone):
    assert (undone.report.status, undone.report.dead_letters) == ("completed", 0)
    assert (undone.again.status, undone.again.writes) == ("completed", 0)
