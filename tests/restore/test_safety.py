"""What a restore must never do: write to the wrong place, lock anyone out, send mail, lose a tile, or hide a failure."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core import codec
from lookervault_core.errors import PermissionRefused, WrongInstance
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, retry, undo
from lookervault_core.settings import Connection
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import dead_letters, journal, restorations
from tests.simulated import capture


def first(simulator, table, **having):
    rows = (row for row in simulator.world[table] if not row.get("deleted"))
    return next(row for row in rows if all(row.get(key) == value for key, value in having.items()))


def test_a_vault_of_another_instance_is_refused_without_a_target(backed_up, connect):
    with (
        Simulator(SimulatorOptions(scale="tiny")) as other,
        connect(other) as looker,
        pytest.raises(WrongInstance, match="--target"),
    ):
        RestoreRun(backed_up, looker, Selection.everything()).plan()


def test_an_api_user_who_is_no_admin_is_refused_before_anything_is_written(backed_up, simulator):
    known = simulator.options
    connection = Connection(simulator.base_url, known.viewer_client_id, SecretStr(known.viewer_client_secret))
    with Looker(connection, per_second=0) as looker, pytest.raises(PermissionRefused, match="Admin"):
        restore(RestoreRun(backed_up, looker, Selection.everything()))


def test_extra_tiles_stay_unless_the_restore_is_exact(run_of, simulator):
    dashboard = first(simulator, "dashboards")
    tile = simulator.world.parts("dashboard_elements", dashboard["id"])[0]
    extra = mutate(simulator.world, "create", "dashboard_elements", tile["id"], {"title": "made since"})
    selection = Selection.single("dashboards", dashboard["id"])
    restore(run_of(selection))
    assert simulator.world["dashboard_elements"].get(extra) is not None
    restore(run_of(selection, exact=True))
    left = simulator.world["dashboard_elements"].get(extra)
    assert left is None or left.get("_deleted")


def test_one_changed_scalar_is_one_write(run_of, simulator):
    dashboard = first(simulator, "dashboards")
    mutate(simulator.world, "update", "dashboards", dashboard["id"], {"title": "Wrecked"})
    assert restore(run_of(Selection.single("dashboards", dashboard["id"]))).writes == 1


def test_one_changed_tile_is_one_write_and_keeps_its_id(run_of, simulator):
    dashboard = first(simulator, "dashboards")
    tiles = simulator.world.parts("dashboard_elements", dashboard["id"])
    mutate(simulator.world, "update", "dashboard_elements", tiles[0]["id"], {"note_text": "wrecked"})
    report = restore(run_of(Selection.single("dashboards", dashboard["id"])))
    assert (report.status, report.writes) == ("completed", 1)
    assert {t["id"] for t in simulator.world.parts("dashboard_elements", dashboard["id"])} == {t["id"] for t in tiles}


def test_no_plan_and_no_alert_is_ever_created_enabled(run_of, simulator):
    for plan in list(simulator.world["scheduled_plans"]):
        mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    for alert in list(simulator.world["alerts"]):
        mutate(simulator.world, "delete", "alerts", alert["id"])
    born: list[bool] = []
    for table, field in (("scheduled_plans", "enabled"), ("alerts", "is_disabled")):
        keep = simulator.world[table].add

        def added(row, keep=keep, field=field):
            born.append(row["enabled"] is False if field == "enabled" else row["is_disabled"] is True)
            return keep(row)

        simulator.world[table].add = added
    report = restore(run_of())
    assert report.status == "completed"
    assert born
    assert all(born)


def test_the_api_user_keeps_its_admin_role(run_of, simulator):
    world = simulator.world
    admins = [row for row in world["role_users"] if row["role_id"] == world.admin_role_id]
    report = restore(run_of(exact=True))
    assert report.status == "completed"
    still = {row["user_id"] for row in world["role_users"] if row["role_id"] == world.admin_role_id}
    assert {row["user_id"] for row in admins} <= still


def test_a_backup_in_which_the_api_user_was_no_admin_does_not_lock_it_out(vault, simulator, looker, back_up):
    world = simulator.world
    role, me = world.admin_role_id, world.admin_user_id
    back_up(vault, looker)
    edges = [row for row in world["role_users"] if row["role_id"] == role]
    others = [row for row in edges if row["user_id"] != me]
    item = vault.item(ContentKey("role_users", role))
    rows = json.loads(vault.payload(ContentKey("role_users", role)))
    without = json.dumps([row for row in rows if str(row["id"]) != me]).encode()
    sealed = codec.seal(without)
    with vault.write() as db:
        where = "WHERE sha256 = ?"
        values = (sealed.sha256, sealed.size, sealed.data, bytes.fromhex(item.sha256))
        db.execute(f"UPDATE blobs SET sha256 = ?, size = ?, data = ? {where}", values)
    report = restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=True)))
    assert report.dead_letters == 0
    still = {row["user_id"] for row in world["role_users"] if row["role_id"] == role}
    assert me in still
    assert {row["user_id"] for row in others} <= still
    assert looker.is_admin()


def test_a_refused_item_goes_to_the_dead_letters_and_the_rest_goes_on(run_of, simulator, backed_up, looker):
    looks = [row["id"] for row in simulator.world["looks"] if not row["deleted"]][:3]
    for one in looks:
        mutate(simulator.world, "update", "looks", one, {"title": "Wrecked"})
    simulator.faults.add(kind="422", operation="update_look", first=1)
    report = restore(run_of(Selection.bulk("looks"), workers=1), 1)
    assert (report.status, report.dead_letters, report.types["looks"].updated_count) == ("partial", 1, 2)
    letters = dead_letters.listing(backed_up)
    assert [(one.error_type, one.status) for one in letters] == [("Invalid", 422)]
    assert dead_letters.payload(backed_up, letters[0].dead_letter_id)
    retry(backed_up, looker, letters, RestoreOptions())
    assert dead_letters.listing(backed_up) == []


def test_an_answer_that_was_lost_makes_no_duplicate(run_of, simulator):
    looks = [row["id"] for row in simulator.world["looks"] if not row["deleted"]][:2]
    before = len(simulator.world["looks"])
    for one in looks:
        mutate(simulator.world, "delete", "looks", one)
    simulator.faults.add(kind="reset_after", operation="create_look", first=1)
    report = restore(run_of(Selection.bulk("looks"), workers=1), 1)
    assert (report.status, len(simulator.world["looks"])) == ("completed", before)


def test_undo_puts_back_what_was_there_before_the_restore(run_of, simulator, backed_up, looker):
    dashboard, look = first(simulator, "dashboards"), first(simulator, "looks")
    mutate(simulator.world, "update", "dashboards", dashboard["id"], {"title": "Mine, made since"})
    mutate(simulator.world, "delete", "looks", look["id"])
    report = restore(run_of())
    assert simulator.world["dashboards"].get(dashboard["id"])["title"] != "Mine, made since"
    undo(backed_up, looker, report.session_id)
    assert simulator.world["dashboards"].get(dashboard["id"])["title"] == "Mine, made since"
    made = [row for row in simulator.world["looks"] if row["title"] == look["title"] and not row["deleted"]]
    assert made == []


def test_undo_never_removes_a_folder_that_holds_what_others_made_since(run_of, simulator, backed_up, looker):
    world = simulator.world
    look = dict(first(simulator, "looks"))
    folder = dict(world["folders"].get(look["folder_id"]))
    mutate(world, "delete", "folders", folder["id"])
    report = restore(run_of())
    again = next(row for row in world["folders"] if row["name"] == folder["name"])
    theirs = mutate(world, "create", "looks", first(simulator, "looks")["id"], {"title": "T", "folder_id": again["id"]})
    taken = undo(backed_up, looker, report.session_id)
    assert world["looks"].get(theirs)["deleted"] is False
    assert any("it stays" in text for text in taken.warnings)
    assert [row for row in world["looks"] if row["title"] == look["title"] and not row["deleted"]] == []


def test_the_state_before_a_restore_never_speaks_for_a_type(run_of, simulator, backed_up):
    visible = backed_up.visible_snapshot("dashboards").snapshot_id
    mutate(simulator.world, "update", "dashboards", first(simulator, "dashboards")["id"], {"title": "Wrecked"})
    report = restore(run_of(Selection.bulk("dashboards")))
    assert report.undo_snapshot_id is not None
    assert backed_up.visible_snapshot("dashboards").snapshot_id == visible


def test_dependencies_come_along_on_request(run_of, simulator):
    world = simulator.world
    look = first(simulator, "looks")
    folder = look["folder_id"]
    for table in ("looks", "dashboards"):
        for row in [r for r in world[table] if r["folder_id"] == folder]:
            mutate(world, "delete", table, row["id"])
    mutate(world, "delete", "folders", folder)
    selection = Selection.single("looks", look["id"])
    assert run_of(selection).plan().steps[-1].action == "blocked"
    steps = run_of(selection, with_dependencies=True).plan().steps
    assert ("folders", folder, "create") in {(s.content_type, s.id, s.action) for s in steps}
    assert restore(run_of(selection, with_dependencies=True)).status == "completed"


def test_too_many_failures_stop_the_restore(run_of, simulator):
    looks = [row["id"] for row in simulator.world["looks"] if not row["deleted"]]
    for one in looks:
        mutate(simulator.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    simulator.faults.add(kind="422", operation="update_look")
    report = restore(run_of(Selection.bulk("looks"), workers=1, max_dlq_size=2), 1)
    assert (report.status, report.dead_letters) == ("failed", 3)


def test_a_damaged_payload_is_named_and_blocks_only_itself(run_of, simulator, backed_up):
    look, other = [row["id"] for row in simulator.world["looks"] if not row["deleted"]][:2]
    for one in (look, other):
        mutate(simulator.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    sha256 = bytes.fromhex(backed_up.item(ContentKey("looks", look)).sha256)
    with backed_up.write() as db:
        db.execute("UPDATE blobs SET data = substr(data, 1, length(data) - 4) WHERE sha256 = ?", (sha256,))
    report = restore(run_of(Selection.bulk("looks")))
    assert (report.status, report.types["looks"].updated_count) == ("partial", 1)
    blocked = [step for step in run_of(Selection.bulk("looks")).plan().steps if step.action == "blocked"]
    assert [step.id for step in blocked] == [look]
    assert f"looks {look}" in blocked[0].reason


def test_a_spent_budget_leaves_a_session_that_a_resume_finishes(backed_up, simulator, connect):
    for one in [row["id"] for row in simulator.world["looks"] if not row["deleted"]]:
        mutate(simulator.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    with connect(simulator, max_calls=14) as looker:
        report = restore(RestoreRun(backed_up, looker, Selection.bulk("looks")), 1)
        assert report.status == "failed"
        assert "--max-calls" in report.stopped
    with connect(simulator) as looker:
        report = restore(resumed(backed_up, looker, sleep=lambda _: None))
        assert report.status == "completed"
        assert RestoreRun(backed_up, looker, Selection.bulk("looks")).plan().calls == 0


def test_what_the_release_cannot_take_is_a_named_loss(tmp_path, connect, back_up):
    with (
        Simulator(SimulatorOptions(scale="tiny", release="26.4")) as older,
        connect(older) as looker,
        Vault.create_or_open(tmp_path / "older.db") as vault,
    ):
        back_up(vault, looker)
        dashboard = first(older, "dashboards")
        someone = next(row["id"] for row in older.world["users"] if row["id"] != dashboard["user_id"])
        mutate(older.world, "update", "dashboards", dashboard["id"], {"user_id": someone, "title": "Wrecked"})
        report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard["id"])))
    assert [one.verdict for one in report.proof.items] == ["accepted_losses"]
    assert report.proof.items[0].lost == (("user_id", "this release of Looker does not take it"),)


def test_the_journal_and_the_progress_tell_what_was_done(run_of, simulator, backed_up):
    mutate(simulator.world, "update", "looks", first(simulator, "looks")["id"], {"title": "Wrecked"})
    report = restore(run_of(Selection.bulk("looks")))
    entries = journal.entries(backed_up, report.session_id)
    assert [(one.step, one.outcome) for one in entries] == [("update_look", "done")]
    assert [
        (one.content_type, one.total, one.success, one.done)
        for one in restorations.progress(backed_up, report.session_id)
    ] == [("looks", 1, 1, True)]
    assert restorations.get(backed_up, report.session_id).status == "completed"
    assert {row.operation: row.calls for row in backed_up.requests(report.session_id)}["update_look"] == 1


def test_the_state_kept_before_a_restore_has_its_columns_when_a_later_snapshot_shares_it(
    backed_up, simulator, run_of, looker
):
    dashboard = first(simulator, "dashboards")
    mutate(simulator.world, "update", "dashboards", dashboard["id"], {"title": "Renamed"})
    run = run_of(Selection.single("dashboards", dashboard["id"]))
    execution = run.begin()  # the live state is kept, and then nothing is written
    execution.finish(status="failed")
    capture(backed_up, looker)
    now = backed_up.item(ContentKey("dashboards", dashboard["id"]))
    assert (now.name, now.folder_id) == ("Renamed", dashboard["folder_id"])


def test_a_slug_that_somebody_else_took_is_a_named_loss_and_not_a_failure(backed_up, simulator, run_of):
    gone, other = [row for row in simulator.world["dashboards"] if not row["deleted"]][:2]
    slug = gone["slug"]
    mutate(simulator.world, "delete", "dashboards", gone["id"])
    mutate(simulator.world, "update", "dashboards", other["id"], {"slug": slug})
    report = restore(run_of(Selection.single("dashboards", gone["id"])), 2)
    assert report.status == "completed"
    (proven,) = [one for one in report.proof.items if one.key == ContentKey("dashboards", gone["id"])]
    assert proven.verdict == "accepted_losses"
    assert "slug" in dict(proven.lost)
