"""A restore that was killed and resumed is taken back as one: what it had made before the kill goes too."""

from __future__ import annotations

import pytest

from looker_simulator import mutate, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undo
from tests.restore.test_random_days import Killed, death


@pytest.mark.parametrize("step", [2, 4])
def test_a_folder_made_before_the_kill_goes_with_its_access_list(step, simulator, backed_up, looker):
    world = simulator.world
    own = {row["id"]: row for row in world["content_metadata"] if row["folder_id"] and not row["inherits"]}
    folder = next(
        row["folder_id"]
        for row in own.values()
        if world["folders"].get(row["folder_id"])["parent_id"]
        and not world["folders"].get(row["folder_id"])["is_personal"]
    )
    mutate(world, "delete", "folders", folder)
    before = oracle.dump(world)
    selection = Selection.bulk("folders", "content_metadata_accesses")
    with pytest.raises(Killed), death(step, after=False):
        restore(RestoreRun(backed_up, looker, selection, RestoreOptions(), sleep=lambda _: None), 1)
    report = restore(resumed(backed_up, looker))
    assert report.status == "completed"
    for _ in range(2):  # the second one finds the folder gone, as one that was cut off does when it goes on
        taken = undo(backed_up, looker, report.session_id)
        assert (taken.status, oracle.differences(before, oracle.dump(world))) == ("completed", [])
