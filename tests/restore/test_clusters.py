"""A Looker of several nodes may answer 404 for a moment to who asks for what was just made, and threads share what is read."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.live import Live
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore
from tests.conftest import until

CREATES = {
    "looks": "create_look",
    "dashboards": "create_dashboard",
    "boards": "create_board",
    "scheduled_plans": "create_scheduled_plan",
    "alerts": "create_alert",
    "groups": "create_group",
    "roles": "create_role",
    "themes": "create_theme",
    "color_collections": "create_color_collection",
    "user_attributes": "create_user_attribute",
    "permission_sets": "create_permission_set",
    "model_sets": "create_model_set",
}
SHIELDS = ("built_in", "all_access", "is_system", "internal", "include_by_default", "externally_managed", "deleted")


def newest(simulator: Simulator, table: str) -> str:
    """Return an object of a type that anyone may delete; the first ones may be Looker's own."""
    rows = [row for row in simulator.world[table] if not any(row.get(field) for field in SHIELDS)]
    return rows[-1][simulator.world[table].key]


@pytest.mark.parametrize("table", CREATES)
def test_an_object_that_is_not_known_everywhere_yet_is_waited_for(table, run_of, simulator):
    mutate(simulator.world, "delete", table, newest(simulator, table))
    rule = simulator.faults.add("lag", operation=CREATES[table], reads=3)
    report = restore(run_of(Selection.bulk(table)), 4)
    assert rule.fired == 1
    assert [str(one.key) for one in report.proof.items if one.verdict in ("different", "failed")] == []
    assert report.status == "completed"


def test_an_object_that_stays_unknown_fails_its_item_and_no_other(run_of, simulator):
    looks = [row["id"] for row in simulator.world["looks"] if not row["deleted"] and not row["public"]][:2]
    for one in looks:
        mutate(simulator.world, "delete", "looks", one)
    simulator.faults.add("lag", operation="create_look", reads=99, first=1)
    report = restore(run_of(Selection.bulk("looks")))
    late, other = sorted(
        (one.verdict for one in report.proof.items if one.key.content_type == "looks"), key="different".__ne__
    )
    assert (late, other in ("identical", "accepted_losses")) == ("different", True)


def private_folder(simulator: Simulator) -> dict:
    """Return a folder with an access list of its own, that anyone may delete."""
    shields = ("is_personal", "is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")
    rows = (row for row in simulator.world["folders"] if row["parent_id"] and not any(row.get(one) for one in shields))
    inheriting = {row["id"] for row in simulator.world["content_metadata"] if row["inherits"]}
    return next(row for row in rows if row["content_metadata_id"] not in inheriting)


@pytest.mark.parametrize("late", ["the folder", "its metadata", "its access list"])
def test_a_private_folder_is_private_though_a_cluster_does_not_know_it_yet(late, run_of, simulator):
    before, folder = oracle.dump(simulator.world), private_folder(simulator)
    mutate(simulator.world, "delete", "folders", folder["id"])
    run = run_of()
    run.plan()
    metadata = f"/content_metadata/{simulator.world['content_metadata'].next_id}"
    fault = {
        "the folder": lambda: simulator.faults.add("lag", operation="create_folder", reads=2),
        "its metadata": lambda: simulator.faults.add("404", path=metadata, method="GET", first=2),
        "its access list": lambda: simulator.faults.add("404", operation="all_content_metadata_accesses", first=2),
    }[late]()
    report = restore(run, 4)
    assert fault.fired > 0
    assert (report.status, report.dead_letters) == ("completed", 0)
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if line.startswith("folders")] == []


def test_what_was_not_found_right_after_it_was_made_is_asked_for_again(simulator, looker):
    pauses: list[float] = []
    live = Live(looker, sleep=pauses.append)
    simulator.faults.add("lag", operation="create_board", reads=99)
    board = str(json.loads(looker.post("create_board", "/boards", b'{"title": "late"}').body)["id"])
    live.fresh.add(("boards", board))
    assert live.read("boards", board) is None
    assert 0 < sum(pauses) < 5
    simulator.faults.clear()
    assert b"late" in (live.read("boards", board) or b"")


def test_what_nobody_has_made_is_asked_for_once(looker):
    pauses: list[float] = []
    before = looker.requests
    live = Live(looker, sleep=pauses.append)
    assert [live.read("boards", "999999") for _ in range(3)] == [None, None, None]
    assert (pauses, looker.requests - before) == ([], 1)


def test_what_is_read_is_shared_by_threads_that_forget_other_types(looker):
    live, done = Live(looker), threading.Event()
    errors: list[RuntimeError] = []

    def forget() -> None:
        while not done.is_set():
            try:
                live.forget("looks")
            except RuntimeError as exc:
                errors.append(exc)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(5) as pool:
            forgetting = pool.submit(forget)
            list(pool.map(lambda n: live.read("users", f"nobody-{n}"), range(1500)))
            done.set()
            forgetting.result()
    finally:
        sys.setswitchinterval(interval)
        done.set()
    assert errors == []


def test_a_read_that_began_before_a_write_is_not_kept_after_it(connect):
    with Simulator(SimulatorOptions(scale="tiny")) as simulator, connect(simulator) as looker:
        live = Live(looker)
        look = next(row["id"] for row in simulator.world["looks"] if not row["deleted"])
        live.read("users", "nobody")  # logged in
        with ThreadPoolExecutor(1) as pool:
            on_its_way = simulator.faults.add("hold_answer", operation="look")
            early = pool.submit(live.read, "looks", look)
            until(lambda: on_its_way.fired)
            mutate(simulator.world, "update", "looks", look, {"title": "written meanwhile"})
            live.forget("looks", look)
            simulator.faults.clear()
            assert b"written meanwhile" not in (early.result() or b"")
        assert b"written meanwhile" in (live.read("looks", look) or b"")
