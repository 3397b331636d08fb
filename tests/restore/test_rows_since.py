"""What people have changed since in a row that a restore wrote stays when the restore is taken back, and is named: who may do what
in a folder, the value of an attribute; and so does what they have chosen as a default."""

from __future__ import annotations

import json

import pytest

from lookervault_core.families.rows_since import ROWS_SINCE, SINCE
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from tests.restore.test_edits_since import patch
from tests.restore.test_taking_back import post

LISTS = ("content_metadata_accesses", "user_attribute_values", "user_attribute_group_values")


def call(looker, verb: str, path: str, **body: object) -> None:
    getattr(looker, verb)("people", path, *([json.dumps(body).encode()] if verb != "delete" else []))


class AccessRow:
    """A row of the access list of a folder."""

    kind, second, third = "content_metadata_accesses", "view", "view"

    def __init__(self, world, looker) -> None:
        self.world, self.looker = world, looker
        metadata = {row["content_metadata_id"]: row for row in world["folders"]}
        self.row = next(
            dict(row)
            for row in world["content_metadata_access"]
            if row["user_id"] and row["content_metadata_id"] in metadata and row["permission_type"] == "edit"
        )
        self.owner = self.row["content_metadata_id"]

    def now(self) -> str | None:
        row = self._there()
        return row["permission_type"] if row is not None else None

    def _there(self):
        rows = self.world["content_metadata_access"].where("content_metadata_id", self.owner)
        return next((row for row in rows if row["user_id"] == self.row["user_id"]), None)

    def set(self, value: str) -> None:
        body = {"content_metadata_id": self.owner, "user_id": self.row["user_id"], "permission_type": value}
        call(self.looker, "put", f"/content_metadata_access/{self._there()['id']}", **body)

    def take_out(self) -> None:
        call(self.looker, "delete", f"/content_metadata_access/{self._there()['id']}")


class OwnValue:
    """The value of an attribute that a user has of its own."""

    kind, second, third = "user_attribute_values", "wrecked", "by Ann"
    table, of, owned_by, path = "user_attribute_user_values", "user_id", "user_id", "users"

    def __init__(self, world, looker) -> None:
        self.world, self.looker = world, looker
        attributes = world["user_attributes"]
        self.row = next(
            dict(row)
            for row in world[self.table]
            if not attributes.get(row["user_attribute_id"])["value_is_hidden"]
            and attributes.get(row["user_attribute_id"])["type"] == "string"
        )
        self.owner = self.row[self.owned_by]
        self.path = f"/{self.path}/{self.row[self.of]}/attribute_values/{self.row['user_attribute_id']}"

    def now(self) -> str | None:
        rows = self.world[self.table].where("user_attribute_id", self.row["user_attribute_id"])
        return next((row["value"] for row in rows if row[self.of] == self.row[self.of]), None)

    def set(self, value: str) -> None:
        patch(self.looker, self.path, value=value)

    def take_out(self) -> None:
        call(self.looker, "delete", self.path)


class GroupValue(OwnValue):
    """The value of an attribute that a group has."""

    kind, table = "user_attribute_group_values", "user_attribute_group_values"
    of, owned_by, path = "group_id", "user_attribute_id", "groups"


@pytest.mark.parametrize("kind", [AccessRow, OwnValue, GroupValue])
@pytest.mark.parametrize("wreck", ["take out", "set"])
@pytest.mark.parametrize("since", ["take out", "set", ""])
def test_a_row_that_people_have_changed_since_a_restore_stays_and_is_named(
    kind, wreck, since, simulator, run_of, backed_up, looker
):
    row = kind(simulator.world, looker)
    good = row.now()
    row.take_out() if wreck == "take out" else row.set(row.second)
    wrecked = row.now()
    report = restore(run_of(Selection.bulk(*LISTS)))
    assert (report.status, row.now()) == ("completed", good)
    if since:
        row.take_out() if since == "take out" else row.set(row.third)
    left = row.now()
    key = ContentKey(kind.kind, row.owner)
    with undoing(backed_up, looker, report.session_id) as run:
        planned = next(dict(step.lost) for step in run.plan().steps if step.key == key)
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert row.now() == (left if since else wrecked)
    if since and left != wrecked:
        lost = next(dict(one.lost) for one in taken.proof.items if one.key == key)
        assert [why for why in lost.values() if why.startswith(ROWS_SINCE)]
        assert [why for why in planned.values() if why.startswith(ROWS_SINCE)]


@pytest.mark.parametrize("since", [True, False])
def test_a_default_that_people_have_chosen_since_a_restore_stays_and_is_named(
    since, simulator, backed_up, looker, run_of
):
    for name in ("second", "third"):
        post(looker, "/themes", name=name, settings={})
    colors = [row["id"] for row in simulator.world["color_collections"]]
    was = chosen(looker)
    second, third = (next(one for one in colors[at:] if one != was["default_color_collection"]) for at in (0, -1))
    assert second != third
    choose(looker, "second", second)
    wrecked = chosen(looker)
    report = restore(run_of(Selection.bulk(*was)))
    assert (report.status, chosen(looker)) == ("completed", was)
    if since:
        choose(looker, "third", third)
    left = chosen(looker)
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert chosen(looker) == (left if since else wrecked)
    lost = {one.key.content_type for one in taken.proof.items if SINCE in dict(one.lost).values()}
    assert lost == (set(was) if since else set())


def choose(looker, theme: str, collection: str) -> None:
    looker.put("people", f"/themes/default?name={theme}", b"")
    looker.put("people", f"/color_collections/default?collection_id={collection}", b"")


def chosen(looker) -> dict[str, str]:
    paths = {"default_theme": "/themes/default", "default_color_collection": "/color_collections/default"}
    return {kind: str(json.loads(looker.get("people", path).body)["id"]) for kind, path in paths.items()}
