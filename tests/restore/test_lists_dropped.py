"""Looker drops a folder's own access list as soon as the folder inherits one again: that is no edit of anybody's."""

from __future__ import annotations

import json

from looker_simulator import oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo


def private(simulator, looker) -> str:
    """Give a folder an access list of its own, with more in it than Looker copies; return its metadata."""
    folder = next(row for row in simulator.world["folders"] if str(row.get("parent_id")) == "1")
    metadata_id = str(folder["content_metadata_id"])
    looker.patch("private", f"/content_metadata/{metadata_id}", b'{"inherits": false}')
    row = {"content_metadata_id": metadata_id, "user_id": simulator.world.admin_user_id, "permission_type": "edit"}
    looker.post("row", "/content_metadata_access", json.dumps(row).encode())
    return metadata_id


def test_an_undo_that_is_taken_back_gives_a_folder_its_own_list_again(simulator, looker, vault, back_up):
    metadata_id = private(simulator, looker)
    back_up(vault, looker)
    backed_up = oracle.dump(simulator.world)
    looker.patch("wreck", f"/content_metadata/{metadata_id}", b'{"inherits": true}')
    wrecked = oracle.dump(simulator.world)
    lists = Selection(types=("content_metadata", "content_metadata_accesses"))
    restored = restore(RestoreRun(vault, looker, lists, sleep=lambda _: None))
    assert oracle.differences(backed_up, oracle.dump(simulator.world)) == []
    session_id, states = restored.session_id, (wrecked, backed_up)
    for round_ in range(8):  # rows come in any order, and in some nothing was lost
        session_id = undo(vault, looker, session_id).session_id
        assert oracle.differences(states[round_ % 2], oracle.dump(simulator.world)) == []
