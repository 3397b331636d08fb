"""What people have added since a restore stays when that is taken back, and the plan and the report name it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from tests.restore.test_edits_since import patch
from tests.restore.test_interruptions import full_dashboard
from tests.restore.test_rows_since import call
from tests.restore.test_taking_back import post


class Case(NamedTuple):
    """The object or list that is looked at, what is restored, what is done before that and since, and what is then named: the field
    and what it names."""

    key: ContentKey
    selection: Selection
    wreck: Callable[[], object]
    add: Callable[[], str]
    field: str


def new_part(kind: str, path: str, **more: object) -> Callable[[Simulator, Looker], Case]:
    def case(simulator: Simulator, looker: Looker) -> Case:
        dashboard = full_dashboard(simulator)
        tile = simulator.world.parts("dashboard_elements", dashboard)[0]["id"]
        return Case(
            ContentKey("dashboards", dashboard),
            Selection.single("dashboards", dashboard),
            lambda: patch(looker, f"/dashboard_elements/{tile}", title="wrecked"),
            lambda: str(post(looker, path, dashboard_id=dashboard, **more)["id"]),
            kind,
        )

    return case


def new_on_board(simulator: Simulator, looker: Looker, wreck: Callable[[str, str], object], what: str) -> Case:
    world = simulator.world
    section = next(row for row in world["board_sections"] if len(row["item_order"]) > 1 and not row["deleted_at"])
    board, look = section["board_id"], next(row["id"] for row in world["looks"] if not row["deleted"])

    def add() -> str:
        if what == "sections":
            return str(post(looker, "/board_sections", board_id=board, title="by Ann")["id"])
        made = str(post(looker, "/board_items", board_section_id=section["id"], look_id=look)["id"])
        now = next(list(row["item_order"]) for row in world["board_sections"] if row["id"] == section["id"])
        patch(looker, f"/board_sections/{section['id']}", item_order=[made, *(one for one in now if one != made)])
        return made

    return Case(
        ContentKey("boards", board),
        Selection.single("boards", board),
        lambda: wreck(board, section["item_order"][0]),
        add,
        what,
    )


def new_item(simulator: Simulator, looker: Looker) -> Case:
    def wreck(_: str, item: str) -> None:
        mutate(simulator.world, "delete", "board_items", item)

    return new_on_board(simulator, looker, wreck, "items")


def new_section(simulator: Simulator, looker: Looker) -> Case:
    return new_on_board(simulator, looker, lambda board, _: patch(looker, f"/boards/{board}", title="x"), "sections")


def groups_of_a_role(simulator: Simulator, looker: Looker) -> Case:
    world = simulator.world
    role = next(row["role_id"] for row in world["role_groups"])
    had = {row["group_id"] for row in world["role_groups"] if row["role_id"] == role}
    new = next(row["id"] for row in world["groups"] if row["id"] not in had and not row["externally_managed"])

    def give(groups: list[str]) -> str:
        looker.put("people", f"/roles/{role}/groups", json.dumps(groups).encode())
        return f"group {new}"

    return Case(
        ContentKey("role_groups", role),
        Selection.single("roles", role),
        lambda: give([]),
        lambda: give([new]),
        "members",
    )


def access_of_a_folder(simulator: Simulator, looker: Looker) -> Case:
    world = simulator.world
    metadata = {row["content_metadata_id"]: row["id"] for row in world["folders"]}
    row = next(
        one for one in world["content_metadata_access"] if one["user_id"] and one["content_metadata_id"] in metadata
    )
    owner = row["content_metadata_id"]
    rows = world["content_metadata_access"].where("content_metadata_id", owner)
    new = next(one["id"] for one in world["groups"] if one["id"] not in {each["group_id"] for each in rows})

    def give() -> str:
        post(looker, "/content_metadata_access", content_metadata_id=owner, group_id=new, permission_type="edit")
        return f"group {new}"

    return Case(
        ContentKey("content_metadata_accesses", owner),
        Selection.bulk("content_metadata_accesses"),
        lambda: call(looker, "delete", f"/content_metadata_access/{row['id']}"),
        give,
        "accesses",
    )


CASES = {
    "tile": new_part("tiles", "/dashboard_elements", type="text", body_text="by Ann"),
    "filter": new_part("filters", "/dashboard_filters", name="Ann", title="Ann", type="string_filter"),
    "tab": new_part("tabs", "/dashboard_layouts", type="newspaper", label="by Ann"),
    "item": new_item,
    "section": new_section,
    "groups of a role": groups_of_a_role,
    "access": access_of_a_folder,
}


@pytest.mark.parametrize("what", CASES)
@pytest.mark.parametrize("added", [True, False])
def test_what_people_added_since_stays_and_is_named(what, added, simulator, looker, run_of, backed_up):
    case = CASES[what](simulator, looker)
    case.wreck()
    report = restore(run_of(case.selection))
    assert report.status == "completed"
    new = case.add() if added else ""
    with undoing(backed_up, looker, report.session_id) as run:
        planned = told(next(step.lost for step in run.plan().steps if step.key == case.key))
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    one = next(one for one in taken.proof.items if one.key == case.key)
    assert told(one.lost) == planned
    assert one.verdict == ("accepted_losses" if added else "identical"), one.lost
    assert [line for line in planned if case.field in line and new in line] if added else not planned
    assert undo(backed_up, looker, report.session_id).writes == 0


def told(lost) -> list[str]:
    return sorted(f"{path}: {why}" for path, why in lost)
