"""Whatever answers, nothing is made that is there already, and nothing is removed that was merely not listed."""

from __future__ import annotations

from contextlib import suppress

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.errors import LookerError, NotServed
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed
from lookervault_core.vault.restoring import restorations
from tests.restore.test_again import delete_one
from tests.restore.test_clusters import newest
from tests.restore.test_exact import REMOVABLE, is_there
from tests.restore.test_taking_back import living

NESTED = {child.content_type for facts in WRITES.values() for child in facts.children}
CREATABLE = [name for name, facts in WRITES.items() if facts.create is not None and name not in NESTED]
PARTS = {
    "dashboard_elements": "dashboards",
    "dashboard_filters": "dashboards",
    "dashboard_layouts": "dashboards",
    "board_sections": "boards",
    "board_items": "boards",
}
# Whoever sees a hundred alerts does not see the one that is there twice: these are counted with every type.
DELIVERIES = ("alerts", "scheduled_plans")


def key_of(simulator: Simulator, table: str) -> str:
    """Return an object of a type that is there, and that anyone could have made."""
    if table == "users":  # one who is made by the usual call
        logins = simulator.world["credentials_email"]
        return next(row["user_id"] for row in logins if row["user_id"] != simulator.world.admin_user_id)
    if table in ("folders", "lookml_models", "connections"):
        world, key = simulator.world, simulator.world[table].key
        shields = ("is_personal", "is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")
        rows = [row for row in world[table] if not any(row.get(one) for one in shields)]
        return next(row[key] for row in reversed(rows) if row[key] not in (world.admin_user_id, "lookml"))
    return newest(simulator, table)


def counted(simulator: Simulator, table: str) -> dict[str, int]:
    return {name: len(living(simulator, name)) for name in {table, *DELIVERIES}}


OTHER_WORDS = [(table, "html") for table in CREATABLE] + [
    (table, body) for table in ("dashboards", "users", "ssh_servers") for body in ("json", "empty")
]


@pytest.mark.parametrize(("table", "body"), OTHER_WORDS)
def test_what_answers_404_in_other_words_than_lookers_is_not_taken_for_gone(table, body, run_of, simulator):
    one, before = key_of(simulator, table), counted(simulator, table)
    mutate(simulator.world, "update", table, one, {"description": "edited since"})
    simulator.bends.on("html_404", f"/{table.removesuffix('s')}*,,{body}")  # /ssh_servers, but /ssh_server/1
    with pytest.raises(NotServed):
        restore(run_of(Selection.single(table, one)))
    simulator.bends.off("html_404")
    assert counted(simulator, table) == before
    assert restorations.newest_first(run_of().vault) == []


# What has no call of its own cannot be asked for.
@pytest.mark.parametrize("table", [name for name in CREATABLE if CATALOG[name].call_of("1") is not None])
def test_what_no_listing_names_is_not_made_a_second_time(table, run_of, simulator):
    one, before = key_of(simulator, table), counted(simulator, table)
    simulator.bends.on("unlisted", f"{table}/{one}")
    steps = run_of(Selection.bulk(table)).plan().steps
    (action,) = [step.action for step in steps if step.key == ContentKey(table, one)]
    assert action == ("update" if table == "groups" else "skip")  # its own call does not show its parents
    restore(run_of())
    assert counted(simulator, table) == before


@pytest.mark.parametrize("fault", ["reset_after", "html_404"])
@pytest.mark.parametrize("table", [name for name in CREATABLE if name != "lookml_models"])
def test_a_create_without_an_answer_that_is_not_listed_yet_is_made_once(table, fault, run_of, simulator):
    before, gone = counted(simulator, table), key_of(simulator, table)
    mutate(simulator.world, "delete", table, gone)
    call = WRITES[table].create
    assert call is not None
    lost = simulator.faults.add(fault, operation=call.operation, first=1)
    simulator.bends.on("late_listing", "4")
    report = restore(run_of(Selection.single(table, gone)))
    assert (lost.fired, report.dead_letters) == (1, 0)
    assert len(living(simulator, table)) == before[table]


@pytest.mark.parametrize("way", ["resume", "same command"])
@pytest.mark.parametrize("table", [*DELIVERIES, "boards", "themes", "color_collections", "looks", "dashboards"])
def test_a_host_that_goes_away_after_a_create_leaves_it_to_be_found(table, way, run_of, simulator, backed_up, looker):
    before, gone = counted(simulator, table), delete_one(simulator, table)
    call = WRITES[table].create
    assert call is not None
    simulator.faults.add("reset_after", operation=call.operation, first=1)
    simulator.faults.add("churn", operation=call.operation, first=1, hook=lambda world: world.bends.on("html_404"))
    with pytest.raises(LookerError):
        restore(run_of(Selection.single(table, gone)), 1)
    simulator.bends.off("html_404")
    simulator.bends.on("late_listing", "2")
    again = resumed(backed_up, looker) if way == "resume" else run_of(Selection.single(table, gone))
    report = restore(again)
    left = {one.key.content_type for one in report.proof.items if one.verdict in ("different", "failed")}
    # Looker opens a new board to everybody; the rows of one that is met again are told of, and go with --exact.
    assert left <= {"content_metadata_accesses"}
    assert (report.status, report.dead_letters) == ("partial" if left else "completed", 0)
    assert len(living(simulator, table)) == before[table]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_whose_create_is_answered_by_a_web_page_is_made_once(part, run_of, simulator):
    world = simulator.world
    row = next(row for row in world[part] if not row.get("_deleted"))
    if part == "dashboard_layouts":
        row = next(row for row in world[part] if not row["active"])
    owner = (
        row.get("dashboard_id")
        or row.get("board_id")
        or world["board_sections"].rows[row["board_section_id"]]["board_id"]
    )
    mutate(world, "delete", part, row["id"])
    before = len(world[part])
    call = WRITES[part].create
    assert call is not None
    simulator.faults.add("html_404", operation=call.operation, first=1)
    with suppress(LookerError):
        restore(run_of(Selection.single(PARTS[part], owner)))
    restore(run_of(Selection.single(PARTS[part], owner)))
    assert len([one for one in world[part] if not one.get("_deleted")]) <= before + 1


@pytest.mark.parametrize(
    "table", [name for name in REMOVABLE if name != "color_collections"]
)  # they have no time and no number
def test_what_no_listing_named_at_the_backup_is_not_removed(table, vault, looker, simulator, back_up):
    one = newest(simulator, table)
    mutate(simulator.world, "create", table, one, {"name": "a_later_one"} if table == "themes" else {})
    simulator.bends.on("unlisted", f"{table}/{one}")
    back_up(vault, looker)
    simulator.bends.off("unlisted")
    run = RestoreRun(vault, looker, Selection.bulk(table), RestoreOptions(exact=True), sleep=lambda _: None)
    (step,) = [step for step in run.plan().steps if step.key == ContentKey(table, one)]
    assert (step.action, "older than the backup" in step.reason) == ("skip", True)
    restore(run)
    assert is_there(simulator, table, one)
