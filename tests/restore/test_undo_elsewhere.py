"""An undo on another instance, whose objects have other numbers than the backup's, puts back what was there."""

from __future__ import annotations

import json

from looker_simulator import Simulator, SimulatorOptions, oracle
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import client


def let_in(looker: Looker, metadata_id: str, user_id: str) -> None:
    body = {"content_metadata_id": metadata_id, "user_id": user_id, "permission_type": "view"}
    looker.post("people", "/content_metadata_access", json.dumps(body).encode())


def test_an_undo_elsewhere_brings_back_a_list_that_changed_between_plan_and_restore(backed_up):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, client(other) as looker:
        world = other.world
        restore(RestoreRun(backed_up, looker, Selection.everything(), RestoreOptions(target="t"), sleep=lambda _: None))
        inheriting = (row for row in world["content_metadata"] if row["folder_id"] and row["inherits"])
        folder = next(
            row for row in inheriting if not world["folders"].rows[row["folder_id"]]["is_personal_descendant"]
        )
        one, two = (row["user_id"] for row in list(world["credentials_email"])[-2:])
        looker.patch("people", f"/content_metadata/{folder['id']}", b'{"inherits": false}')
        let_in(looker, folder["id"], one)
        run = RestoreRun(backed_up, looker, Selection.everything(), RestoreOptions(target="t"), sleep=lambda _: None)
        run.plan()
        let_in(looker, folder["id"], two)
        before = oracle.dump(world)
        report = restore(run)
        assert world["content_metadata"].rows[folder["id"]]["inherits"]
        assert undo(backed_up, looker, report.session_id).status == "completed"
        assert oracle.differences(before, oracle.dump(world)) == []
