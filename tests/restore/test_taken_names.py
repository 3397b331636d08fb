"""A name that Looker gives out once and that another object holds: the plan says who has it, or an exact restore makes room."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.live import FEW
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo, undoing
from lookervault_core.vault.restoring import dead_letters
from tests.restore.test_names import two

NAMED = [
    ("groups", "name"),
    ("permission_sets", "name"),
    ("model_sets", "name"),
    ("roles", "name"),
    ("user_attributes", "label"),
    ("folders", "name"),
    ("looks", "title"),
    ("dashboards", "title"),
]
CONTENT = [("looks", "title"), ("dashboards", "title")]
WRITES = ("create_", "update_", "delete_", "set_", "add_")


def ordinary(simulator: Simulator, table: str) -> dict:
    """Return an object that anyone may rename."""
    shields = ("deleted", "built_in", "all_access", "internal", "is_system", "include_by_default", "externally_managed",
               "is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root", "is_personal")  # fmt: skip
    rows = (row for row in simulator.world[table] if not any(row.get(one) for one in shields))
    return dict(next(row for row in rows if row["id"] != "lookml" and row.get("name") != "Admin"))


def usurped(simulator: Simulator, looker, table: str, field: str, how: str = "renamed") -> tuple[dict, str]:
    """Rename, trash or delete an object and make another one that has its name; return what it was and the other's id."""
    one = ordinary(simulator, table)
    if how == "renamed":
        mutate(simulator.world, "update", table, one["id"], {field: "moved_away"})
    else:
        mutate(simulator.world, how, table, one["id"])
    return one, taker_of(simulator, looker, table, field, one)


def taker_of(simulator: Simulator, looker, table: str, field: str, one: dict) -> str:
    if table == "folders":  # with an access list of its own, which a copy would share
        body = json.dumps({"name": one[field], "parent_id": one["parent_id"]})
        return str(json.loads(looker.post("people", "/folders", body.encode()).body)["id"])
    place = {"folder_id": one["folder_id"]} if "folder_id" in one else {}
    return mutate(simulator.world, "create", table, ordinary(simulator, table)["id"], {field: one[field], **place})


def step_of(plan, table: str, item_id: str):
    return next(step for step in plan.steps if (step.content_type, step.id) == (table, item_id))


def name_of(simulator: Simulator, table: str, one: str, field: str) -> str | None:
    row = simulator.world[table].get(one)
    return None if row is None or row.get("deleted") else row[field]


def written(simulator: Simulator) -> int:
    return sum(n for name, n in simulator.calls.by_operation.items() if name.startswith(WRITES))


def temporary(simulator: Simulator) -> list:
    """Return every name for the time being that is left, in the trash too."""
    tables = {table for table, _ in NAMED}
    rows = (row for table in tables for row in simulator.world[table])
    texts = (row.get(field) for row in rows for field in ("name", "title", "label", "slug"))
    return [text for text in texts if "_restoring_" in str(text)]


# Blocked -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("table", "field"), NAMED)
def test_a_name_that_somebody_else_has_blocks_the_step_and_the_plan_says_who(
    table, field, whole, run_of, simulator, backed_up, looker
):
    one, taker = usurped(simulator, looker, table, field)
    run = run_of(Selection.bulk(table) if whole else Selection.single(table, one["id"]))
    step = step_of(run.plan(), table, one["id"])
    assert step.action == "blocked"
    for part in (f"{table[:-1]} {taker} ", f"has this {field}", "rename", "remove"):
        assert part in step.reason
    assert ("--exact" in step.reason) == whole
    report = restore(run)
    assert (report.status, report.writes, dead_letters.listing(backed_up)) == ("partial", 0, [])


@pytest.mark.parametrize("how", ["trash", "delete"])
@pytest.mark.parametrize(("table", "field"), CONTENT)
def test_content_is_neither_made_nor_taken_out_of_the_trash_beside_one_of_its_title(
    table, field, how, run_of, simulator, looker
):
    one, taker = usurped(simulator, looker, table, field, how)
    run = run_of(Selection.single(table, one["id"]))
    step = step_of(run.plan(), table, one["id"])
    assert (step.action, f"{table[:-1]} {taker}" in step.reason) == ("blocked", True)
    assert f"in folder {one['folder_id']}" in step.reason
    assert restore(run).writes == 0


def test_a_dashboard_of_the_same_address_title_and_folder_blocks_and_what_needs_the_old_one_waits(run_of, simulator):
    plan = next(dict(row) for row in simulator.world["scheduled_plans"] if row["dashboard_id"])
    one = dict(simulator.world["dashboards"].rows[plan["dashboard_id"]])
    other = next(row["id"] for row in simulator.world["dashboards"] if row["id"] != one["id"] and not row["deleted"])
    mutate(simulator.world, "delete", "dashboards", one["id"])
    same = {name: one[name] for name in ("slug", "title", "folder_id")}
    taker = mutate(simulator.world, "create", "dashboards", other, same)
    run = run_of()
    step = step_of(run.plan(), "dashboards", one["id"])
    assert (step.action, f"dashboard {taker}" in step.reason) == ("blocked", True)
    assert step_of(run.plan(), "scheduled_plans", plan["id"]).action == "blocked"
    assert restore(run).dead_letters == 0


def test_a_holder_that_the_backup_knows_by_another_name_is_to_be_restored_too(run_of, simulator):
    a, b = two(simulator, "groups")
    mutate(simulator.world, "update", "groups", a["id"], {"name": "moved_away"})
    mutate(simulator.world, "update", "groups", b["id"], {"name": a["name"]})
    step = step_of(run_of(Selection.single("groups", a["id"])).plan(), "groups", a["id"])
    assert (step.action, f'in the backup it is "{b["name"]}": restore it too' in step.reason) == ("blocked", True)
    assert restore(run_of(Selection.bulk("groups"))).status == "completed"
    assert [name_of(simulator, "groups", one["id"], "name") for one in (a, b)] == [a["name"], b["name"]]


def test_what_waits_for_a_blocked_one_is_blocked_as_well(run_of, simulator, looker):
    """One group is to get the name of another, which is to get one that somebody else has."""
    a, b = two(simulator, "groups")
    mutate(simulator.world, "update", "groups", b["id"], {"name": "moved_away"})
    taker = mutate(simulator.world, "create", "groups", a["id"], {"name": b["name"]})
    mutate(simulator.world, "update", "groups", a["id"], {"name": "moved_too"})
    mutate(simulator.world, "update", "groups", b["id"], {"name": a["name"]})
    plan = run_of(Selection.bulk("groups")).plan()
    assert f"group {taker}" in step_of(plan, "groups", b["id"]).reason
    assert f"group {b['id']}" in step_of(plan, "groups", a["id"]).reason
    assert plan.actions["blocked"] == 2


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("how", ["trash", "keep"])
def test_a_slug_that_another_dashboard_has_is_a_loss_and_the_rest_comes_back(how, whole, run_of, simulator):
    one = ordinary(simulator, "dashboards")
    mutate(simulator.world, "update", "dashboards", one["id"], {"slug": "moved_away", "title": "Wrecked"})
    taker = mutate(simulator.world, "create", "dashboards", one["id"], {"slug": one["slug"], "title": "New"})
    if how == "trash":
        mutate(simulator.world, "trash", "dashboards", taker)
    selection = Selection.bulk("dashboards") if whole else Selection.single("dashboards", one["id"])
    for action in ("update", "skip"):
        run = run_of(selection)
        step = step_of(run.plan(), "dashboards", one["id"])
        ((field, reason),) = step.lost
        assert (step.action, field, f"dashboard {taker}" in reason) == (action, "slug", True)
        assert ("trash" in reason) == (how == "trash")
        report = restore(run)
        assert (report.status, report.dead_letters) == ("completed", 0)
        assert name_of(simulator, "dashboards", one["id"], "title") == one["title"]


def test_a_dashboard_made_anew_without_its_slug_stays_restored(run_of, simulator):
    one = ordinary(simulator, "dashboards")
    mutate(simulator.world, "delete", "dashboards", one["id"])
    other = ordinary(simulator, "dashboards")["id"]
    taker = mutate(simulator.world, "create", "dashboards", other, {"slug": one["slug"]})
    for selection in (Selection.single("dashboards", one["id"]), Selection.bulk("dashboards")):
        step = step_of(run_of(selection).plan(), "dashboards", one["id"])
        lost = dict(step.lost)  # what nobody describes is lost with whatever is made anew
        assert (step.action, lost.keys()) == ("create", {"slug", "x_unknown_to_the_spec"})
        assert f"dashboard {taker}" in lost["slug"]
    for writes in (True, False):
        report = restore(run_of(Selection.bulk("dashboards")))
        assert (report.status, report.dead_letters, bool(report.writes)) == ("completed", 0, writes)
        lost = {field for item in report.proof.items for field, _ in item.lost}
        assert lost == {"slug", "x_unknown_to_the_spec"}


@pytest.mark.parametrize(("table", "field"), CONTENT)
def test_content_whose_title_is_taken_gets_everything_else_back_and_the_run_is_not_complete(
    table, field, run_of, simulator, looker
):
    one, taker = usurped(simulator, looker, table, field)
    mutate(simulator.world, "update", table, one["id"], {"description": "wrecked"})
    run = run_of(Selection.bulk(table))
    step = step_of(run.plan(), table, one["id"])
    ((lost, reason),) = step.lost
    assert (step.action, lost, f"{table[:-1]} {taker}" in reason) == ("update", field, True)
    report = restore(run)
    row = simulator.world[table].get(one["id"])
    assert (row["description"], row[field]) == (one["description"], "moved_away")
    assert (report.status, report.dead_letters, report.proof.count("different")) == ("partial", 0, 1)
    assert step_of(run_of(Selection.bulk(table)).plan(), table, one["id"]).action == "blocked"  # nothing else is left
    mutate(simulator.world, "trash", table, taker)
    assert restore(run_of(Selection.bulk(table))).status == "completed"
    assert name_of(simulator, table, one["id"], field) == one[field]


def test_a_tile_comes_back_although_the_title_of_its_dashboard_is_taken(run_of, simulator, looker):
    one, _ = usurped(simulator, looker, "dashboards", "title")
    tiles = simulator.world.parts("dashboard_elements", one["id"])
    looker.delete("people", f"/dashboard_elements/{tiles[0]['id']}")
    assert restore(run_of(Selection.single("dashboards", one["id"]))).status == "partial"
    assert len(simulator.world.parts("dashboard_elements", one["id"])) == len(tiles)


def test_what_moved_into_the_place_of_another_one_of_its_title_stays_where_it_is(run_of, simulator):
    """Neither of the fields that make a name is given alone: the other one might be taken there."""
    one = ordinary(simulator, "looks")
    place = next(row["id"] for row in simulator.world["folders"] if row["id"] not in ("lookml", one["folder_id"]))
    mutate(
        simulator.world, "update", "looks", one["id"], {"folder_id": place, "title": "Moved", "description": "wrecked"}
    )
    mutate(simulator.world, "create", "looks", one["id"], {"folder_id": one["folder_id"], "title": one["title"]})
    run = run_of(Selection.bulk("looks"))
    assert {field for field, _ in step_of(run.plan(), "looks", one["id"]).lost} == {"folder_id", "title"}
    restore(run)
    row = simulator.world["looks"].get(one["id"])
    assert (row["folder_id"], row["title"], row["description"]) == (place, "Moved", one["description"])


def test_who_comes_back_without_its_name_keeps_the_one_that_it_has(run_of, simulator):
    """One look is to get the title of another, which cannot have its own."""
    a, b = two(simulator, "looks")
    place = {"folder_id": b["folder_id"]}
    mutate(simulator.world, "update", "looks", b["id"], {"title": "moved_away"})
    taker = mutate(simulator.world, "create", "looks", a["id"], {"title": b["title"], **place})
    for one, title in ((a, "moved_too"), (b, a["title"])):
        mutate(simulator.world, "update", "looks", one["id"], {"title": title, "description": "wrecked"})
    run = run_of(Selection.bulk("looks"))
    reasons = [dict(step_of(run.plan(), "looks", one["id"]).lost)["title"] for one in (a, b)]
    assert [f"look {b['id']}" in reasons[0], f"look {taker}" in reasons[1]] == [True, True]
    report = restore(run)
    assert (report.dead_letters, temporary(simulator)) == (0, [])
    rows = [simulator.world["looks"].get(one["id"]) for one in (a, b)]
    assert [row["title"] for row in rows] == ["moved_too", a["title"]]
    assert [row["description"] for row in rows] == [a["description"], b["description"]]


def test_a_login_that_another_user_has_blocks_the_step(run_of, simulator, looker):
    me = simulator.world.admin_user_id
    login = next(dict(row) for row in simulator.world["credentials_email"] if row["user_id"] != me)
    looker.patch("people", f"/users/{login['user_id']}/credentials_email", b'{"email": "moved@example.com"}')
    taker = json.loads(looker.post("people", "/users", b'{"first_name": "Ann", "last_name": "Other"}').body)["id"]
    looker.post("people", f"/users/{taker}/credentials_email", json.dumps({"email": login["email"]}).encode())
    for selection in (Selection.single("users", login["user_id"]), Selection.bulk("users")):
        step = step_of(run_of(selection).plan(), "users", login["user_id"])
        assert (step.action, f'user {taker} "Ann Other" has this email' in step.reason) == ("blocked", True)


@pytest.mark.parametrize(("table", "field"), [("groups", "name"), ("looks", "title"), ("dashboards", "title")])
def test_onto_another_instance_the_plan_says_who_has_the_name(table, field, backed_up, connect):
    onto = RestoreOptions(target="other", exact=True)
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as looker:
        assert restore(RestoreRun(backed_up, looker, Selection.bulk(table), onto)).dead_letters == 0
        run = RestoreRun(backed_up, looker, Selection.bulk(table), onto)
        run.plan()
        known = {live: key.id for key, live in run.destination.everything().items() if key.content_type == table}
        one = next(dict(row) for row in other.world[table] if row["id"] in known and row[field] != "All Users")
        mutate(other.world, "update", table, one["id"], {field: "moved_away"})
        taker = taker_of(other, looker, table, field, one)
        step = step_of(RestoreRun(backed_up, looker, Selection.bulk(table), onto).plan(), table, known[one["id"]])
    assert (step.action, f"{table[:-1]} {taker}" in step.reason) == ("blocked", True)
    assert "--exact" not in step.reason  # nothing whole is removed from another instance


@pytest.mark.parametrize("whole", [False, True])
def test_who_has_a_name_is_found_in_listings_and_never_one_by_one(whole, run_of, simulator, backed_up, looker, back_up):
    first = ordinary(simulator, "dashboards")
    for number in range(20):
        mutate(simulator.world, "create", "dashboards", first["id"], {"title": f"one of many {number}"})
    back_up(backed_up, looker)
    rows = [dict(row) for row in simulator.world["dashboards"] if not row["deleted"]]
    keys = tuple(ContentKey("dashboards", row["id"]) for row in rows)
    selection = Selection.bulk("dashboards") if whole else Selection(keys=keys)
    before = requests_of(simulator, run_of(selection))
    for row in rows:
        mutate(simulator.world, "update", "dashboards", row["id"], {"title": f"moved away {row['id']}"})
        mutate(simulator.world, "create", "dashboards", row["id"], {"title": row["title"]})
    run = run_of(selection)
    lists = 2 if whole else 2 * min(FEW, len({row["folder_id"] for row in rows}))
    assert requests_of(simulator, run) <= before + lists < before + len(rows)
    assert run.plan().actions["blocked"] == len(rows)


def requests_of(simulator: Simulator, run: RestoreRun) -> int:
    simulator.calls.reset()
    run.plan()
    return simulator.calls.total


def test_a_blocked_step_of_an_undo_is_reported(run_of, simulator, backed_up, looker):
    one = ordinary(simulator, "groups")
    mutate(simulator.world, "update", "groups", one["id"], {"name": "Wrecked"})
    report = restore(run_of(Selection.bulk("groups")))
    taker = mutate(simulator.world, "create", "groups", one["id"], {"name": "Wrecked"})
    with undoing(backed_up, looker, report.session_id) as run:
        step = step_of(run.plan(), "groups", one["id"])
    assert (step.action, f"group {taker}" in step.reason) == ("blocked", True)
    back = undo(backed_up, looker, report.session_id)
    assert (back.status, back.summary.error_count, back.dead_letters) == ("partial", 1, 0)
    mutate(simulator.world, "delete", "groups", taker)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert name_of(simulator, "groups", one["id"], "name") == "Wrecked"


# Exact ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "field"), NAMED)
def test_an_exact_restore_removes_who_has_the_name_and_gives_it_back_in_one_run(
    table, field, run_of, simulator, backed_up, looker
):
    one, taker = usurped(simulator, looker, table, field)
    wrecked = oracle.dump(simulator.world)
    run = run_of(Selection.bulk(table), exact=True)
    plan = run.plan()
    simulator.calls.reset()
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert name_of(simulator, table, one["id"], field) == one[field]
    assert name_of(simulator, table, taker, field) is None
    assert (temporary(simulator), written(simulator)) == ([], plan.calls)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    left = oracle.differences(wrecked, oracle.dump(simulator.world))
    assert [line for line in left if "(trash)" not in line] == []
    assert temporary(simulator) == []


@pytest.mark.parametrize("how", ["trash", "delete"])
@pytest.mark.parametrize(("table", "field"), CONTENT)
def test_an_exact_restore_puts_content_in_the_place_of_what_took_its_title(
    table, field, how, run_of, simulator, backed_up, looker
):
    one, taker = usurped(simulator, looker, table, field, how)
    wrecked = oracle.dump(simulator.world)
    run = run_of(Selection.bulk(table), exact=True)
    assert step_of(run.plan(), table, one["id"]).action == ("undelete" if how == "trash" else "create")
    report = restore(run)
    assert (report.status, report.types[table].removed_count) == ("completed", 1)
    rows = [row for row in simulator.world[table] if row["folder_id"] == one["folder_id"] and not row["deleted"]]
    (named,) = (row["id"] for row in rows if row[field] == one[field])
    assert (named == one["id"]) == (how == "trash")
    back = undo(backed_up, looker, report.session_id)
    # What named it before it was deleted for good names what lies in the trash now: the undo names that.
    assert (back.status, back.proof.count("accepted_losses") > 0) == ("completed", how != "trash")
    assert name_of(simulator, table, taker, field) == one[field]
    left = oracle.differences(wrecked, oracle.dump(simulator.world))
    assert [line for line in left if "(trash)" not in line and "(gone)" not in line] == []


def test_who_stays_although_the_restore_is_exact_still_blocks(run_of, simulator, looker):
    one, taker = usurped(simulator, looker, "folders", "name")
    mutate(simulator.world, "create", "dashboards", None, {"folder_id": taker, "title": "held"})
    plan = run_of(Selection.bulk("folders"), exact=True).plan()
    assert (step_of(plan, "folders", one["id"]).action, step_of(plan, "folders", taker).action) == ("blocked", "skip")
    assert "--exact" not in step_of(plan, "folders", one["id"]).reason
