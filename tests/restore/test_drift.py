"""`verify --against-live` and `diff` go by the tables of the comparison, and know again what a restore made anew."""

from __future__ import annotations

import threading

import pytest

from looker_simulator import mutate
from lookervault_core.drift import compared_by_tables
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.settings import load_settings
from lookervault_core.verify import compare_with_live
from tests.simulated import capture

# No API makes them, or takes them out of where they are: they are gone for good, and found so.
LOST = {"content_favorites", "trashed_dashboards", "trashed_looks"}


def compared(vault, simulator, snapshot_id):
    """Return the counts and the findings of a comparison with Looker."""
    known = {"base_url": simulator.base_url, "client_id": "simulator", "client_secret": "simulator-secret"}
    settings = load_settings(None, **known, db_path=str(vault.path), rate_limit_per_second=0, workers=4)
    counts, found = compare_with_live(vault, vault.snapshot(snapshot_id), settings, threading.Event())
    assert all(bool(one.fields) == (one.kind == "changed") for one in found)
    return counts, {(one.kind, one.content_type, one.id, *one.fields) for one in found}


def plain(world):
    """Let the world have no field that only an older hand could write."""
    for table in ("dashboards", "looks"):
        for row in world[table]:
            row.pop("x_unknown_to_the_spec", None)


@pytest.fixture
def snapshot_id(vault, looker, simulator):
    plain(simulator.world)
    return capture(vault, looker)


def test_what_only_notes_who_edited_it_or_shows_the_title_of_another_is_no_change(
    snapshot_id, vault, looker, simulator
):
    world = simulator.world
    shown = next(row["dashboard_id"] for row in world["board_items"] if row["dashboard_id"])
    title = world["dashboards"].get(shown)["title"]
    mutate(world, "update", "dashboards", shown, {"title": "Another"})
    others = [row["id"] for row in world["dashboards"] if not row["deleted"] and row["id"] != shown]
    for one in others:
        mutate(world, "update", "dashboards", one, {"description": world["dashboards"].get(one)["description"]})
    later = capture(vault, looker)
    assert compared(vault, simulator, snapshot_id)[1] == {("changed", "dashboards", shown, "title")}
    told = [(one.change, one.content_type, one.id, *one.paths) for one in compared_by_tables(vault, snapshot_id, later)]
    assert told == [("changed", "dashboards", shown, "title")]
    mutate(world, "update", "dashboards", shown, {"title": title})
    assert compared(vault, simulator, snapshot_id)[1] == set()


def test_what_a_restore_made_anew_is_the_same_object(snapshot_id, vault, looker, simulator):
    world = simulator.world
    for row in list(world["folders"]):
        roots = ("is_personal", "is_personal_descendant", "is_users_root", "is_embed_users_root", "is_shared_root")
        if row["parent_id"] and world["folders"].rows.get(row["id"]) and not any(row[one] for one in roots):
            mutate(world, "delete", "folders", row["id"])
    run = RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=True))
    assert restore(run).status == "completed"
    counts, found = compared(vault, simulator, snapshot_id)
    assert {one for one in found if one[1] not in LOST} == set()
    assert {kind for kind, *_ in found} <= {"deleted"}
    for name in ("folders", "content_metadata", "content_metadata_accesses"):
        assert counts[name]["made_anew"] > 0


def test_what_is_changed_or_gone_after_it_was_made_anew_is_told(snapshot_id, vault, looker, simulator):
    world = simulator.world
    first, second = [row["id"] for row in world["dashboards"] if not row["deleted"]][:2]
    for one in (first, second):
        mutate(world, "delete", "dashboards", one)
    run = RestoreRun(vault, looker, Selection.everything())
    assert restore(run).status == "completed"
    mutate(world, "update", "dashboards", run.destination.renamed("dashboards", first), {"title": "Another"})
    mutate(world, "delete", "dashboards", run.destination.renamed("dashboards", second))
    found = compared(vault, simulator, snapshot_id)[1]
    assert {one for one in found if one[1] == "dashboards"} == {
        ("changed", "dashboards", first, "title"), ("deleted", "dashboards", second),
    }  # fmt: skip
    later = capture(vault, looker)
    told = [one for one in compared_by_tables(vault, snapshot_id, later) if one.content_type == "dashboards"]
    new_id = run.destination.renamed("dashboards", first)
    assert {(one.change, one.id, one.new_id, one.paths) for one in told} == {
        ("changed", first, new_id, ("title",)), ("deleted", second, "", ()),
    }  # fmt: skip


def test_what_an_undo_took_back_is_compared_by_its_old_id(snapshot_id, vault, looker, simulator):
    world = simulator.world
    gone = next(row["id"] for row in world["dashboards"] if not row["deleted"])
    mutate(world, "delete", "dashboards", gone)
    before = compared(vault, simulator, snapshot_id)[1]
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", gone)))
    taken_back = undo(vault, looker, report.session_id)
    lost = {(one.key.content_type, one.key.id) for one in taken_back.proof.items if one.verdict == "accepted_losses"}
    after = compared(vault, simulator, snapshot_id)[1]
    assert {one for one in after - before if one[1:3] not in lost and one[1] not in LOST} == set()
    assert ("deleted", "dashboards", gone) in after
