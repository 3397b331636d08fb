"""What few people could see is seen by no others after a restore, however it was asked for."""

from __future__ import annotations

import pytest

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import Simulator, SimulatorOptions, mutate, oracle


@pytest.fixture
def simulator():
    with Simulator(SimulatorOptions(scale="small")) as running:
        yield running


def rows_of(simulator, metadata_id) -> set[tuple]:
    rows = simulator.world["content_metadata_access"]
    return {
        (r["group_id"], r["user_id"], r["permission_type"]) for r in rows if r["content_metadata_id"] == metadata_id
    }


@pytest.fixture
def private(simulator):
    """A folder with an access list of its own, a look in it, and the list."""
    world = simulator.world
    for folder in world["folders"]:
        roots = ("is_personal", "is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")
        metadata = world["content_metadata"].get(folder["content_metadata_id"])
        if metadata is None or metadata["inherits"] or any(folder.get(flag) for flag in roots):
            continue
        for look in world["looks"]:
            if look["folder_id"] == folder["id"] and not look["deleted"]:
                return dict(folder), look["id"], rows_of(simulator, metadata["id"])
    raise AssertionError("the simulator has no such folder")


def now(simulator, folder) -> tuple[bool, set[tuple]]:
    again = next(row for row in simulator.world["folders"] if row["name"] == folder["name"])
    metadata = simulator.world["content_metadata"].get(again["content_metadata_id"])
    return metadata["inherits"], rows_of(simulator, metadata["id"])


def test_a_private_folder_that_comes_as_a_dependency_is_private(run_of, simulator, private):
    folder, look, rows = private
    mutate(simulator.world, "delete", "folders", folder["id"])
    report = restore(run_of(Selection.single("looks", look), with_dependencies=True))
    assert report.status == "completed"
    assert now(simulator, folder) == (False, rows)


def test_a_folder_that_was_opened_is_closed_to_whom_the_folder_above_lets_in(run_of, simulator, looker, private):
    folder, _, rows = private
    looker.patch("open", f"/content_metadata/{folder['content_metadata_id']}", b'{"inherits": true}')
    report = restore(run_of(Selection.single("folders", folder["id"])))
    assert report.status == "completed"
    assert now(simulator, folder) == (False, rows)


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_a_board_comes_back_with_who_may_see_it(run_of, simulator, how):
    before = oracle.dump(simulator.world)["boards"]
    board = next(iter(simulator.world["boards"]))["id"]
    mutate(simulator.world, "delete", "boards", board)
    restore(run_of(Selection.single("boards", board) if how == "single" else Selection.bulk("boards")))
    assert oracle.dump(simulator.world)["boards"] == before
