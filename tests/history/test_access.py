"""Who may see a folder comes and goes also with whether it inherits that; the log says who, and either is taken back whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.history import Change, LogRequest, log
from lookervault_core.history.reverting import reverting
from lookervault_core.looker.client import Looker
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.restore.conftest import capture, capture_all, client
from tests.restore.test_edits_since import patch
from tests.restore.test_taking_back import post


class Folder(NamedTuple):
    vault: Vault
    looker: Looker
    world: Any
    id: str
    metadata: str
    group: str
    name: str


@pytest.fixture
def place(tmp_path) -> Iterator[Folder]:
    """A folder that inherits who may see it, below one that has a list of its own."""
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "looker.db") as vault,
    ):
        world = simulator.world
        row = next(
            row
            for row in world["folders"]
            if world["content_metadata"].rows[row["content_metadata_id"]]["inherits"] and row["parent_id"] == "1"
        )
        group = next(one for one in world["groups"] if one["id"] != "1")
        capture_all(vault, looker, simulator)
        yield Folder(vault, looker, world, row["id"], row["content_metadata_id"], group["id"], group["name"])


def rows(place: Folder) -> set[tuple[Any, ...]]:
    held = place.world["content_metadata_access"].where("content_metadata_id", place.metadata)
    return {(row["group_id"], row["user_id"], row["permission_type"]) for row in held}


def close(place: Folder) -> None:
    """Give the folder a list of its own with one group in it and nobody of those that the folder above lets in."""
    patch(place.looker, f"/content_metadata/{place.metadata}", inherits=False)
    for row in place.world["content_metadata_access"].where("content_metadata_id", place.metadata):
        place.looker.delete("people", f"/content_metadata_access/{row['id']}")
    post(
        place.looker,
        "/content_metadata_access",
        content_metadata_id=place.metadata,
        group_id=place.group,
        permission_type="view",
    )


def name(place: Folder) -> str:
    return place.world["folders"].get(place.id)["name"]


def told(place: Folder) -> list[Change]:
    newest = place.vault.snapshots()[0].snapshot_id
    return [one for one in log(place.vault, LogRequest("folders", place.id)) if one.to_snapshot == newest]


def test_who_gets_and_loses_access_is_told_beside_what_was_inherited(place: Folder) -> None:
    inherited = place.world["content_metadata"].get(place.metadata)["parent_id"]
    above = place.world["content_metadata_access"].where("content_metadata_id", inherited)
    assert above, "else nothing is taken away"
    close(place)
    capture(place.vault, place.looker)
    texts = [field.text for one in told(place) for field in one.fields]
    assert f"gave {place.name} view" in texts
    assert sum(text.startswith("took ") for text in texts) == len(above)
    assert "no longer inherits it from above" in texts
    assert {one.text.partition(":")[0] for one in told(place)} == {f"Changed who may see *{name(place)}*"}
    assert len({one.folder for one in told(place)}) == 1
    by_folder = log(place.vault, LogRequest(folder=place.id))
    assert {one.change_id for one in told(place)} <= {one.change_id for one in by_folder}

    patch(place.looker, f"/content_metadata/{place.metadata}", inherits=True)
    capture(place.vault, place.looker)
    texts = [field.text for one in told(place) for field in one.fields]
    assert f"took view from {place.name}" in texts
    assert sum(text.startswith("gave ") for text in texts) == len(above)


def test_a_list_that_is_only_copied_from_above_opens_and_closes_nothing(place: Folder) -> None:
    patch(place.looker, f"/content_metadata/{place.metadata}", inherits=False)
    capture(place.vault, place.looker)
    assert [[field.path for field in one.fields] for one in told(place)] == [["inherits"]]


@pytest.mark.parametrize("half", ["inherits", "accesses"])
def test_either_half_takes_back_both_and_that_again(place: Folder, half: str) -> None:
    close(place)
    capture(place.vault, place.looker)
    closed = rows(place)
    _take_back(place, half)
    assert (place.world["content_metadata"].get(place.metadata)["inherits"], rows(place)) == (True, set())
    capture(place.vault, place.looker)
    _take_back(place, half)
    assert (place.world["content_metadata"].get(place.metadata)["inherits"], rows(place)) == (False, closed)


def test_who_was_let_in_since_stays(place: Folder) -> None:
    close(place)
    capture(place.vault, place.looker)
    user = place.world["users"].rows[next(iter(place.world["users"]))["id"]]["id"]
    given = {"content_metadata_id": place.metadata, "user_id": user, "permission_type": "edit"}
    post(place.looker, "/content_metadata_access", **given)
    before = rows(place)
    found = reverting(place.vault, place.looker, [one.change_id for one in told(place)])
    assert {(one.path, one.reason.split(",")[0]) for one in found.conflicts} == {(f"accesses[{user}]", "edited since")}
    assert restore(found.run).status == "completed"
    assert rows(place) == before


def _take_back(place: Folder, half: str) -> None:
    change = next(one for one in told(place) if any(field.path.startswith(half) for field in one.fields))
    found = reverting(place.vault, place.looker, [change.change_id])
    assert found.conflicts == ()
    report = restore(found.run)
    assert report.status == "completed", json.dumps([str(one) for one in report.proof.items])
