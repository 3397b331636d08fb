"""Logins by e-mail, rows of access lists and attribute values are compared whole: newer fields of them come back, or are named."""

from __future__ import annotations

from typing import Any

import pytest

from looker_simulator import Simulator
from looker_simulator.schema import Property
from lookervault_core.diff.api.learned import NOT_TAKEN
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client

TAG = Property(name="fledro", type="s", writable=True, write_only=False, required=False, nullable=True)
# By the table: the shape, and the type that is restored.
ROWS = {
    "credentials_email": ("CredentialsEmail", "users"),
    "content_metadata_access": ("ContentMetaGroupUser", "folders"),
    "user_attribute_user_values": ("UserAttributeWithValue", "users"),
    "user_attribute_group_values": ("UserAttributeGroupValue", "user_attributes"),
}


def visible(simulator: Simulator, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table that anybody can write: no hidden value, nothing of Looker's own."""
    world = simulator.world
    rows = list(world[table])
    if "values" in table:
        return [row for row in rows if not world["user_attributes"].rows[row["user_attribute_id"]]["value_is_hidden"]]
    if table == "content_metadata_access":
        ours = {one["content_metadata_id"] for one in world["folders"] if one["parent_id"] and not one["is_personal"]}
        return [row for row in rows if row["content_metadata_id"] in ours]
    return [row for row in rows if row["user_id"] not in (world.admin_user_id, world.viewer_user_id)]


@pytest.fixture
def tagged(simulator: Simulator, vault: Vault) -> dict[str, str]:
    """An instance with a field in each of them that nobody has heard of, backed up; return the id of a row of each table."""
    world = simulator.world
    for shape, _ in ROWS.values():
        world.api.change(shape, TAG.name, TAG)
    found = {}
    for table in ROWS:
        row = visible(simulator, table)[0]
        found[table] = row[world[table].key]
        world[table].change(found[table], fledro="then")
    world.become("26.12")
    with client(simulator) as looker:
        capture(vault, looker)
    return found


def restored(vault: Vault, simulator: Simulator, **options: Any) -> Any:
    with client(simulator) as looker:
        run = RestoreRun(vault, looker, Selection.everything(), RestoreOptions(**options), sleep=lambda _: None)
        return restore(run, 4)


def test_a_field_that_can_be_written_comes_back_in_each_of_them(tagged, vault, simulator):
    world = simulator.world
    for table, row_id in tagged.items():
        world[table].change(row_id, fledro="now")
    report = restored(vault, simulator)
    assert {table: world[table].rows[row_id]["fledro"] for table, row_id in tagged.items()} == dict.fromkeys(
        ROWS, "then"
    )
    assert report.status == "completed"
    assert restored(vault, simulator).writes == 0


def test_one_comes_back_with_a_row_that_was_gone(tagged, vault, simulator):
    world = simulator.world
    gone = {table: world[table].remove(row_id) for table, row_id in tagged.items()}
    report = restored(vault, simulator)
    assert report.status == "completed"
    for table in gone:
        assert "then" in [row.get("fledro") for row in world[table]], table


def test_where_nobody_describes_it_or_a_release_takes_it_no_more_the_difference_is_named(tagged, vault, simulator):
    world = simulator.world
    for table, row_id in tagged.items():
        world[table].change(row_id, fledro="now")
    world.api.says = lambda raw: raw.replace(b'"fledro"', b'"another"')
    report = restored(vault, simulator)
    named = {
        (item.key.content_type, why.partition(":")[0])
        for item in report.proof.items
        for path, why in item.lost
        if path.endswith("fledro")
    }
    assert named == {
        ("users", "newer than the destination"),
        ("content_metadata_accesses", "newer than the destination"),
        ("user_attribute_values", "newer than the destination"),
        ("user_attribute_group_values", "newer than the destination"),
    }
    assert (report.status, report.writes) == ("completed", 0)
    world.api.says = lambda raw: raw
    for shape, _ in ROWS.values():
        world.api.change(shape, TAG.name, Property("fledro", "s", False, False, False, True))
    report = restored(vault, simulator)
    lost = [why for item in report.proof.items for path, why in item.lost if path.endswith("fledro")]
    assert lost == [NOT_TAKEN] * len(ROWS)
    assert report.writes == 0
