"""What counts as everything: a listing that leaves something out is neither believed nor passed over."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.attacks.servers import between, ever_new, first_page
from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.raw import Request, answer
from lookervault_core.catalog import CATALOG
from tests.extract.backup import Backup

Start = Callable[..., Backup]

# Two listings each, by different calls: one gives the payloads, the other one proves them.
TWICE_LISTED = {
    row.name: (row.census.operation, row.list.operation)
    for row in CATALOG.values()
    if row.census and row.census.operation != row.list.operation
}


def ids_of(one: Backup, name: str) -> set[str]:
    rows = one.looker.world[name]
    return {row[rows.key] for row in rows if not row.get("deleted") and not row.get("deleted_at")}


def hides(*operations: str, items: list[str]) -> tuple[str, ...]:
    return ("list_hides=" + "+".join(f"{operation}:{','.join(items)}" for operation in operations),)


def test_disabled_users_are_kept_where_the_search_hides_them(backup: Start) -> None:
    one = backup(scale="small", bends=("search_users_hides_disabled",))
    disabled = {row["id"] for row in one.looker.world["users"] if row["is_disabled"]}
    assert disabled
    report = one.run("users")
    assert (report.status, report.types["users"]["listed"]) == ("complete", len(one.looker.world["users"]))
    assert one.ids("users") == {row["id"] for row in one.looker.world["users"]}
    (note,) = [note for note in report.notes if note["content_type"] == "users"]
    assert note["kind"] == "listing"
    assert all(item in note["detail"] for item in disabled)


def test_a_listing_is_read_to_its_end_wherever_the_census_ends(backup: Start) -> None:
    """A census of none at all, and pages that a server cuts short."""
    one = backup(scale="small", page_cap=7, bends=hides("search_users", items=[str(n) for n in range(100)]))
    report = one.run("users", page_size=10)
    assert one.ids("users") == ids_of(one, "users")
    assert report.types["users"]["listed"] == len(one.looker.world["users"])


@pytest.mark.parametrize("name", sorted(set(TWICE_LISTED) - {"trashed_looks", "lookml_dashboards"}))
def test_what_one_of_two_listings_hides_is_kept_and_told(backup: Start, name: str) -> None:
    census, _ = TWICE_LISTED[name]
    one = backup(scale="small")
    item = max(ids_of(one, name))
    one.looker.bends.on("list_hides", f"{census}:{item}")
    report = one.run(name)
    assert item in one.ids(name)
    assert report.status == "complete"
    assert [note["kind"] for note in report.notes if note["content_type"] == name] == ["listing"]


@pytest.mark.parametrize("name", sorted(set(TWICE_LISTED) - {"trashed_looks", "lookml_dashboards"}))
def test_what_the_listing_of_payloads_hides_is_read_by_its_id(backup: Start, name: str) -> None:
    _, listing = TWICE_LISTED[name]
    one = backup(scale="small")
    item = max(ids_of(one, name))
    one.looker.bends.on("list_hides", f"{listing}:{item}")
    report = one.run(name)
    if name == "groups":  # nothing else gives a whole group
        assert (report.status, [hole["id"] for hole in report.holes]) == ("partial", [item])
    else:
        assert (report.status, item in one.ids(name)) == ("complete", True)


def test_what_was_deleted_while_it_was_read_is_no_finding(backup: Start) -> None:
    one = backup(scale="small")
    left = iter(["60"])
    one.looker.faults.add(
        "churn",
        operation="search_dashboards",
        hook=lambda world: [world["dashboards"].change(item, deleted=True) for item in left],
    )
    report = one.run("dashboards")
    assert report.status == "complete"
    assert report.notes == []


def test_a_listing_that_grows_as_fast_as_it_is_read_is_left_and_told(backup: Start) -> None:
    one = backup()
    one.looker.faults.add(
        "churn", operation="search_dashboards", hook=lambda _: one.change("create", "dashboards", title="New")
    )
    report = one.run("dashboards", page_size=7)
    assert report.status == "complete"
    assert [note["kind"] for note in report.notes] == ["listing"]
    assert one.asked("search_dashboards") < 60


def test_a_listing_that_knows_no_offset_is_left_and_told(backup: Start) -> None:
    one = backup(scale="small", bends=("offset_is_ignored=all_users",))
    report = one.run("users", page_size=10)
    assert (report.status, one.ids("users")) == ("complete", ids_of(one, "users")), report.holes
    assert [note["kind"] for note in report.notes] == ["listing"]
    assert one.asked("all_users") < 20


def never_ending(looker: Simulator, *, whole: bool) -> Any:
    """Give ever new rows in whole pages of dashboards, whatever the offset."""
    if not whole:
        return ever_new(looker, page=True)
    numbers = iter(range(100_000, 10_000_000))
    known: list[dict[str, Any]] = []

    def harm(connection: socket.socket, request: Request, _: bytes) -> bool:
        if "/dashboards/search" not in request.target:
            return False
        known[:] = known or [json.loads(text) for text in first_page(looker, request, 1)]
        rows = [known[0] | {"id": str(next(numbers))} for _ in range(100)]
        connection.sendall(answer(json.dumps(rows).encode()))
        return True

    return harm


@pytest.mark.parametrize("whole", [False, True])
def test_a_listing_that_never_ends_is_left_after_a_few_requests(whole: bool, tmp_path: Path) -> None:
    with (
        Simulator(SimulatorOptions(scale="tiny")) as looker,
        between(looker, never_ending(looker, whole=whole)) as server,
    ):
        one = Backup(looker, tmp_path / "looker.db")
        report = one.run("dashboards", base_url=server.base_url)
        there = {row["id"] for row in looker.world["dashboards"] if not row["deleted"]}
    assert len(server.asked) < 150, len(server.asked)
    assert one.ids("dashboards") >= there, report.holes
    told = [hole["reason"] for hole in report.holes] if whole else [note["detail"] for note in report.notes]
    assert report.status == ("partial" if whole else "complete")
    assert any("has no end" in text if whole else "are not there" in text for text in told), told
