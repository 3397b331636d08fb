"""What was made anew is lost once more, and comes back from a backup of before it: a later backup, too, knows it for the same."""

from __future__ import annotations

import pytest

from looker_simulator import oracle
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

KINDS = ("scheduled_plans", "alerts", "boards", "themes")  # a second one may have the same name


def restored(vault, looker, kind: str, item_id: str, snapshot_id: int | None = None) -> Report:
    selection = Selection.single(kind, item_id)
    return restore(
        RestoreRun(vault, looker, selection, RestoreOptions(), snapshot_id=snapshot_id, sleep=lambda _: None)
    )


def made_anew(vault, looker, kind: str, item_id: str, lost_id: str, snapshot_id: int) -> str:
    """Lose the object *lost_id* and restore the item that it stands for; return its new id."""
    looker.delete("wreck", f"/{kind}/{lost_id}")
    made = {one.key: one.destination_id for one in restored(vault, looker, kind, item_id, snapshot_id).new_ids}
    return next(one for key, one in made.items() if (key.content_type, key.id) == (kind, item_id))


def own(simulator, kind: str) -> str:
    """Return an object that somebody made: none of those that Looker has of its own."""
    rows = [row for row in simulator.world[kind] if row.get("enabled", True) and not row.get("deleted")]
    return str(rows[-1]["id"])


def named_by_others(simulator, kind: str) -> str:
    """Return an object that others show or hold."""
    if kind == "looks":
        return next(str(row["look_id"]) for row in simulator.world["dashboard_elements"] if row.get("look_id"))
    if kind == "groups":
        return next(str(row["group_id"]) for row in simulator.world["role_groups"] if str(row["group_id"]) != "1")
    return "corporate-colours"


def test_what_may_be_there_twice_is_not_made_a_second_time_from_a_later_backup(simulator, backed_up, looker):
    first = {kind: own(simulator, kind) for kind in KINDS}
    before = oracle.dump(simulator.world)
    second = {kind: made_anew(backed_up, looker, kind, one, one, 1) for kind, one in first.items()}
    later = capture(backed_up, looker)
    third = {kind: made_anew(backed_up, looker, kind, first[kind], second[kind], 1) for kind in KINDS}
    assert all(len({first[kind], second[kind], third[kind]}) == 3 for kind in KINDS)
    writes = {kind: restored(backed_up, looker, kind, second[kind], later).writes for kind in KINDS}
    assert writes == dict.fromkeys(KINDS, 0)
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_every_backup_knows_what_was_made_anew_three_times(simulator, backed_up, looker):
    first = own(simulator, "scheduled_plans")
    ids = [first, made_anew(backed_up, looker, "scheduled_plans", first, first, 1)]
    later = capture(backed_up, looker)
    ids.append(made_anew(backed_up, looker, "scheduled_plans", ids[1], ids[1], later))
    latest = capture(backed_up, looker)
    ids.append(made_anew(backed_up, looker, "scheduled_plans", first, ids[2], 1))
    assert len(set(ids)) == 4
    for item_id, snapshot_id in zip(ids, (1, later, latest), strict=False):
        assert restored(backed_up, looker, "scheduled_plans", item_id, snapshot_id).writes == 0


def test_to_take_an_undo_back_makes_nothing_that_was_restored_anew_since(simulator, backed_up, looker):
    first = own(simulator, "scheduled_plans")
    before = oracle.dump(simulator.world)
    looker.delete("wreck", f"/scheduled_plans/{first}")
    taken_back = undo(backed_up, looker, restored(backed_up, looker, "scheduled_plans", first).session_id)
    restored(backed_up, looker, "scheduled_plans", first)
    undo(backed_up, looker, taken_back.session_id)
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


@pytest.mark.parametrize("kind", ["color_collections", "looks", "groups"])
def test_who_names_what_was_made_anew_follows_a_second_time(simulator, backed_up, looker, kind):
    first = named_by_others(simulator, kind)
    before = oracle.dump(simulator.world)
    second = made_anew(backed_up, looker, kind, first, first, 1)
    once = oracle.differences(before, oracle.dump(simulator.world))
    assert made_anew(backed_up, looker, kind, first, second, 1) != second
    assert oracle.differences(before, oracle.dump(simulator.world)) == once
