"""A quiet look costs a few calls and makes nothing; what moved by its time, came or went is named by its type."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from lookervault_core.extract.cost.poll import moved, types_of
from lookervault_core.extract.session import connected
from lookervault_core.vault import Vault
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def look(one: Backup) -> tuple[dict[str, int], int]:
    one.looker.calls.reset()
    with (
        connected(one.settings(), threading.Event()) as looker,
        Vault.create_or_open(one.path) as vault,
    ):
        found = moved(vault, looker)
    return found, sum(calls for name, calls in one.looker.calls.by_operation.items() if name not in ("login", "logout"))


def test_a_quiet_look_costs_a_few_calls_and_makes_no_snapshot(backup: Start) -> None:
    one = backup(scale="small", dashboards=4_000, dashboard_kb=1)
    one.run()
    found, calls = look(one)
    assert (found, calls) == ({}, 7)
    with one.vault() as vault:
        assert len(vault.snapshots()) == 1
        assert sum(sum(counts.values()) for counts in vault.calls_by_day(f"{vault.now():%Y-%m}").values()) > calls


MOVES: dict[str, tuple[Callable[[Backup], object], dict[str, int]]] = {
    "a dashboard is edited": (lambda one: one.write("PATCH", "/dashboards/1", title="Other"), {"dashboards": 1}),
    "a dashboard goes into the trash": (
        lambda one: one.write("PATCH", "/dashboards/1", deleted=True),
        {"dashboards": 1},
    ),
    "a look is deleted": (lambda one: one.write("DELETE", f"/looks/{min(one.ids('looks'))}"), {"looks": 1}),
    "a folder is made": (lambda one: one.write("POST", "/folders", name="New", parent_id="1"), {"folders": 1}),
    "a board is made": (lambda one: one.write("POST", "/boards", title="New"), {"boards": 1}),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moved_is_named_until_it_is_captured(backup: Start, what: str) -> None:
    one = backup(scale="tiny")
    one.run()
    move, told = MOVES[what]
    move(one)
    found, _ = look(one)
    assert found.items() >= told.items()
    one.run(*types_of(found), incremental=True)
    assert look(one)[0] == {}
